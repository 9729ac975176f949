package cli

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/account"
	"github.com/kapok-city/kapok/internal/app"
	"github.com/kapok-city/kapok/internal/change"
	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
	"github.com/kapok-city/kapok/internal/observatory/release"
	"github.com/kapok-city/kapok/internal/quantity"
	"github.com/kapok-city/kapok/internal/web/chart"
)

// releaseFlags are what the actions of the command may be told.
type releaseFlags struct {
	options release.Options
	user    string
	key     string
	reason  string
	corpora string // names, parted by commas
}

func releaseCommand() command {
	return command{
		name: "release",
		args: "key | build NAME | verify FOLDER | diff A B | list | approve NAME | publish NAME",
		summary: i18n.Text{ZH: "把指标冻结成任何人都能重算的文件夹：签名、校验、比较、双人批准后公开",
			EN: "freeze the figures into a folder that anyone can recompute: sign, verify, compare, publish after a second person approved"},
		example: "kapok release key\nkapok release build 2024-annual --title 2024年度 --title-en \"Year 2024\" --user 李明 < password.txt\n" +
			"kapok release verify kapok-data/releases/2024-annual\nkapok release diff 2023-annual 2024-annual\nkapok release approve 2024-annual --user 王芳 < password.txt\n",
		setup: func(fs *flag.FlagSet) runner {
			cfg := configFlags(fs)
			var f releaseFlags
			fs.StringVar(&f.options.Title.ZH, "title", "", "")
			fs.StringVar(&f.options.Title.EN, "title-en", "", "")
			fs.StringVar(&f.options.Day, "day", "", "")
			fs.BoolVar(&f.options.WithoutRestricted, "without-restricted", false, "")
			fs.StringVar(&f.corpora, "corpus", "", "")
			fs.StringVar(&f.user, "user", "", "")
			fs.StringVar(&f.key, "key", "", "")
			fs.StringVar(&f.reason, "reason", "", "")
			return func(ctx context.Context, s *session, args []string) error { return s.release(ctx, cfg(s), &f, args) }
		},
	}
}

// releaseActions are the words of the command, with the names of what follows.
var releaseActions = map[string][]string{"key": nil, "build": {"NAME"}, "verify": {"FOLDER"}, "diff": {"A", "B"}, "list": nil, "approve": {"NAME"}, "publish": {"NAME"}}

func (s *session) release(ctx context.Context, cfg app.Config, f *releaseFlags, args []string) error {
	if len(args) == 0 {
		args = []string{"list"}
	}
	names, known := releaseActions[args[0]]
	if !known {
		return errs.New(errs.Invalid, "cli.unknown_action", errs.A{"action": args[0], "known": "key, build, verify, diff, list, approve, publish"})
	}
	action, args := args[0], args[1:]
	if err := exactly(len(names), args, names...); err != nil {
		return err
	}
	switch action {
	case "key":
		return s.releaseKey(cfg)
	case "verify":
		return s.releaseVerify(ctx, cfg, f, args[0])
	case "diff":
		return s.releaseDiff(ctx, cfg, args[0], args[1])
	}
	return s.withApp(ctx, cfg, func(a *app.App) error {
		switch action {
		case "build":
			return s.releaseBuild(ctx, a, f, args[0])
		case "approve", "publish":
			return s.releaseDecide(ctx, a, f, action, args[0])
		}
		return s.releaseList(ctx, a)
	})
}

func keyFile(cfg app.Config) string { return filepath.Join(cfg.Folder(), "release.key") }

// releaseKey makes the signing key when there is none, and tells its public
// half.
func (s *session) releaseKey(cfg app.Config) error {
	key, made, err := release.MakeKey(keyFile(cfg))
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(map[string]any{"public_key": key.Public(), "fingerprint": release.Fingerprint(key.Public()), "file": keyFile(cfg), "made": made})
	}
	s.say("cli.release.key", errs.A{"key": key.Public(), "fingerprint": release.Fingerprint(key.Public()), "file": keyFile(cfg)})
	return nil
}

// signedIn returns who --user names, after their password; without --user it is
// the command line itself, whose work nobody can approve.
func (s *session) signedIn(ctx context.Context, a *app.App, f *releaseFlags, needed bool) (change.Author, error) {
	if f.user == "" {
		if needed {
			return change.Author{}, errs.New(errs.Invalid, "cli.missing_argument", errs.A{"argument": "--user NAME"})
		}
		return change.Author{Actor: "cli", Reason: f.reason}, nil
	}
	password, err := s.password()
	if err != nil {
		return change.Author{}, err
	}
	token, u, err := a.Accounts.SignIn(ctx, f.user, password, account.Origin{IP: "cli"})
	if err != nil {
		return change.Author{}, err
	}
	if err := a.Accounts.SignOut(ctx, token); err != nil {
		return change.Author{}, err
	}
	return u.Author(f.reason), account.Require(&u, account.Compute)
}

func (s *session) releaseBuild(ctx context.Context, a *app.App, f *releaseFlags, name string) error {
	by, err := s.signedIn(ctx, a, f, false)
	if err != nil {
		return err
	}
	o := f.options
	o.Name, o.Draw, o.Program = name, drawChart, "kapok"
	if o.Key, err = release.LoadKey(keyFile(a.Config)); err != nil {
		return err
	}
	names := strings.FieldsFunc(f.corpora, func(r rune) bool { return r == ',' })
	if o.Parts, err = a.ReleaseParts(ctx, names); err != nil {
		return err
	}
	r, err := a.Releases.Build(ctx, by, o)
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(r)
	}
	s.say("cli.release.built", errs.A{"name": r.Name, "folder": a.Releases.Dir(r.Name), "figures": r.Figures, "values": r.Values, "files": r.Files, "key": release.Fingerprint(r.PublicKey)})
	if r.LeftOut > 0 {
		s.say("cli.release.left_out", errs.A{"rows": r.LeftOut})
	}
	return nil
}

// releaseVerify recomputes a folder; it needs no database. A name is a release
// of the data folder.
func (s *session) releaseVerify(ctx context.Context, cfg app.Config, f *releaseFlags, dir string) error {
	o := release.VerifyOptions{Draw: drawChart}
	if f.key != "" {
		text := f.key
		if raw, err := os.ReadFile(f.key); err == nil && len(raw) < 4096 {
			text = string(raw)
		}
		var err error
		if o.PublicKey, err = release.ParsePublic(text); err != nil {
			return err
		}
	}
	bar := newProgress(s.Stderr, i18n.T(s.lang, "cli.release.hashing"))
	o.Progress = bar.show
	report, err := release.Verify(ctx, folderOf(cfg, dir), o)
	bar.done()
	if err != nil {
		return err
	}
	if s.json {
		err = s.printJSON(report)
	} else {
		s.printVerification(&report)
	}
	if err == nil && !report.OK {
		err = errs.New(errs.Conflict, "cli.release.not_ok", errs.A{"folder": dir, "faults": len(report.Faults) + report.More})
	}
	return err
}

// folderOf is a folder as given, or the release of that name.
func folderOf(cfg app.Config, given string) string {
	if release.CheckName(given) == nil {
		if _, err := os.Stat(given); err != nil {
			return filepath.Join(cfg.ReleasesDir(), given)
		}
	}
	return given
}

func (s *session) printVerification(r *release.Report) {
	for i := range r.Faults {
		fmt.Fprintf(s.Stdout, "✗ %s\n", r.Faults[i].Text(s.lang))
	}
	if r.More > 0 {
		s.say("cli.release.more", errs.A{"n": r.More})
	}
	for _, key := range r.Notes {
		fmt.Fprintf(s.Stdout, "· %s\n", i18n.T(s.lang, key))
	}
	if r.OK {
		s.say("cli.release.ok", errs.A{"name": r.Name, "files": r.Files, "values": r.Values, "records": r.Records, "results": r.Results, "pages": r.Pages})
	}
	switch {
	case r.Trusted:
		s.say("cli.release.trusted", errs.A{"fingerprint": release.Fingerprint(r.PublicKey)})
	case r.Signed:
		s.say("cli.release.signed", errs.A{"key": r.PublicKey, "fingerprint": release.Fingerprint(r.PublicKey)})
	}
}

func (s *session) releaseDecide(ctx context.Context, a *app.App, f *releaseFlags, action, name string) error {
	by, err := s.signedIn(ctx, a, f, true)
	if err != nil {
		return err
	}
	decide := a.Releases.Approve
	if action == "publish" {
		decide = a.Releases.Publish
	}
	r, err := decide(ctx, by, name, "")
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(r)
	}
	s.say("cli.release."+string(r.State), errs.A{"name": r.Name})
	return nil
}

func (s *session) releaseList(ctx context.Context, a *app.App) error {
	all, err := a.Releases.List(ctx)
	if err != nil {
		return err
	}
	if s.json {
		if all == nil {
			all = []release.Release{}
		}
		return s.printJSON(all)
	}
	if len(all) == 0 {
		s.say("cli.release.none")
	}
	for _, r := range all {
		fmt.Fprintf(s.Stdout, "%-20s %-10s %s  %s  %s\n", r.Name, r.State, r.Day, r.Content[:12], r.Title.In(s.lang))
	}
	return nil
}

func (s *session) releaseDiff(ctx context.Context, cfg app.Config, a, b string) error {
	d, err := release.Compare(ctx, folderOf(cfg, a), folderOf(cfg, b))
	if err != nil {
		return err
	}
	if s.json {
		return s.printJSON(d)
	}
	s.printDiff(&d)
	return nil
}

func (s *session) printDiff(d *release.Diff) {
	if d.Same {
		s.say("cli.release.same", errs.A{"a": d.A.Name, "b": d.B.Name})
		return
	}
	for i := range d.Figures {
		s.printFigureChange(&d.Figures[i])
	}
	for _, c := range d.Sources {
		s.say("cli.release.source_"+string(c.Kind), errs.A{"title": c.Title, "id": c.ID, "fields": fieldNames(c.Fields)})
	}
	for _, p := range d.Parts {
		s.say("cli.release.part_"+string(p.Kind), errs.A{"title": p.Title})
		for _, r := range p.Results {
			s.say("cli.release.result", errs.A{"statement": r.Statement, "added": r.Added, "removed": r.Removed, "changed": r.Changed})
		}
	}
	s.say("cli.release.compared", errs.A{"figures": len(d.Figures), "sources": len(d.Sources), "parts": len(d.Parts)})
}

func (s *session) printFigureChange(c *release.FigureChange) {
	s.say("cli.release.figure_"+string(c.Kind), errs.A{"title": c.Title, "figure": c.Figure})
	if len(c.Definition) > 0 {
		s.say("cli.release.definition", errs.A{"fields": fieldNames(c.Definition)})
	}
	if len(c.Method) > 0 {
		s.say("cli.release.method", errs.A{"fields": fieldNames(c.Method)})
	}
	for _, r := range c.Reported {
		before, after := "—", "—"
		if r.Before != nil {
			before = r.Before.Quantity.Format(s.lang)
		}
		if r.After != nil {
			after = r.After.Quantity.Format(s.lang)
		}
		s.say("cli.release.reported_"+string(r.Kind), errs.A{"before": before, "after": after})
	}
	for i := range c.Values {
		v := &c.Values[i]
		label := strings.Join(notEmpty(v.ItemTitle.In(s.lang), v.Slot), " ")
		causes := make([]string, len(v.Causes))
		for j := range v.Causes {
			causes[j] = v.Causes[j].Text(s.lang)
		}
		if !v.Explained {
			causes = append(causes, i18n.T(s.lang, "cli.release.unexplained"))
		}
		fmt.Fprintf(s.Stdout, "    %s: %s → %s%s\n", label, s.frozenValue(v.Before), s.frozenValue(v.After), strings.TrimRight(": "+strings.Join(causes, "; "), ": "))
	}
}

func (s *session) frozenValue(v *release.Value) string {
	switch {
	case v == nil:
		return "—"
	case !v.Known:
		return i18n.T(s.lang, "cli.unknown")
	}
	return v.Quantity.Format(s.lang)
}

func fieldNames(fields []release.FieldChange) string {
	var names []string
	for _, f := range fields {
		if !slices.Contains(names, f.Field) {
			names = append(names, f.Field)
		}
	}
	return strings.Join(names, ", ")
}

// drawChart draws the charts of a report with those of the pages.
func drawChart(c release.Chart) (string, error) {
	spec := chart.Spec{Kind: chart.Kind(c.Kind), ID: c.ID, Title: c.Title, Desc: c.Desc, Unit: c.Unit, First: c.First, Rank: c.Rank, Unknown: c.Unknown}
	points := make([]chart.Point, len(c.Points))
	for i, p := range c.Points {
		points[i] = chart.Point{Label: p.Label, X: p.X, Known: p.Known, Value: p.Value, Low: p.Low, High: p.High, Bound: chartBounds[p.Bound], Text: p.Text}
	}
	spec.Series = []chart.Series{{Points: points}}
	return spec.Draw(c.Width, "")
}

var chartBounds = map[quantity.Bound]chart.Bound{
	quantity.Above: chart.Least, quantity.AtLeast: chart.Least, quantity.Below: chart.Most, quantity.AtMost: chart.Most,
	quantity.Nearly: chart.Most, quantity.About: chart.About, quantity.Between: chart.Range,
}
