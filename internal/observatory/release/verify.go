package release

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/errs"
	"github.com/kapok-city/kapok/internal/i18n"
)

// FaultKind says what sort of difference a check found.
type FaultKind string

// The kinds.
const (
	Missing     FaultKind = "missing"     // a file that the manifest names is not there
	Extra       FaultKind = "extra"       // a file that the manifest does not name
	Altered     FaultKind = "altered"     // its bytes are not those of the manifest
	NotAFile    FaultKind = "not_a_file"  // a link, a device, a pipe
	BadManifest FaultKind = "manifest"    // it cannot be read, or reaches outside
	BadSeal     FaultKind = "seal"        // signature, key and sums do not belong together
	WrongKey    FaultKind = "key"         // signed by another than the one expected
	Unreadable  FaultKind = "unreadable"  // a content that is none
	NotComputed FaultKind = "computation" // a computation that fails
	WrongValue  FaultKind = "value"       // computed anew it is another
	WrongRecord FaultKind = "records"     // the records computed anew are others
	WrongPage   FaultKind = "page"        // a page or table that does not show what the values are
)

// Fault is one difference between what a release says and what was found.
type Fault struct {
	Kind   FaultKind `json:"kind"`
	File   string    `json:"file,omitempty"`
	Figure string    `json:"figure,omitempty"`
	Item   string    `json:"item,omitempty"`
	Slot   string    `json:"slot,omitempty"`
	Key    string    `json:"key"` // message key
	Args   errs.A    `json:"args,omitempty"`
}

// Text says the fault in a language.
func (f *Fault) Text(l i18n.Lang) string {
	args := errs.A{"file": f.File, "figure": f.Figure, "item": strings.TrimSpace(f.Item + " " + f.Slot)}
	return i18n.T(l, f.Key, args, f.Args)
}

// Report is what a check of a folder found.
type Report struct {
	OK        bool    `json:"ok"`
	Name      string  `json:"name,omitempty"`
	PublicKey string  `json:"public_key,omitempty"` // that the folder is signed with
	Signed    bool    `json:"signed"`               // the signature is that key's over this manifest
	Trusted   bool    `json:"trusted"`              // and it is the key that was asked for
	Files     int     `json:"files"`                // whose bytes are those of the manifest
	Values    int     `json:"values"`               // computed anew and equal
	Records   int64   `json:"records"`              // lines computed anew and equal
	Results   int     `json:"results"`              // of parts, computed anew and equal
	Pages     int     `json:"pages"`                // drawn anew and equal
	Faults    []Fault `json:"faults,omitempty"`
	More      int     `json:"more,omitempty"` // faults beyond those listed
	// Notes are message keys of what could not be checked and is no fault.
	Notes []string `json:"notes,omitempty"`

	Manifest Manifest `json:"-"`
}

// maxFaults bounds a report on a folder in which nothing holds.
const maxFaults = 500

func (r *Report) fault(f Fault) {
	if len(r.Faults) == maxFaults {
		r.More++
		return
	}
	r.Faults = append(r.Faults, f)
}

// VerifyOptions say what to hold a folder against.
type VerifyOptions struct {
	PublicKey string // whose release it should be, base64; "" takes whoever signed it
	Draw      Draw   // draws the charts; nil leaves the pages to their hashes
	// HashesOnly leaves out what is computed and drawn anew.
	HashesOnly bool
	// Progress is told what is being checked; it may be nil.
	Progress func(done, total int64)
}

// Verify checks a folder by itself: every hash, the signature, every value,
// record list and result computed anew from the frozen facts, every page drawn
// anew. It needs no database. What does not hold is a fault of the report; an
// error is only a folder that is not there, or the end of ctx.
func Verify(ctx context.Context, dir string, o VerifyOptions) (Report, error) {
	f, err := openFolder(dir)
	if err != nil {
		return Report{}, err
	}
	defer f.close()
	v := verification{folder: f, o: o}
	v.seal()
	if v.sound {
		v.files(ctx)
	}
	if v.sound && !o.HashesOnly && ctx.Err() == nil {
		v.contents(ctx)
	}
	v.report.OK = v.sound && len(v.report.Faults) == 0
	return v.report, ctx.Err()
}

// verification carries one Verify.
type verification struct {
	*folder
	o      VerifyOptions
	m      Manifest
	report Report
	sound  bool            // the manifest can be read
	bad    map[string]bool // files that are not what the manifest says
}

// seal checks manifest, signature, key and sums against each other. Any one of
// the four that was altered is told from the others: the sums know all three.
func (v *verification) seal() {
	raw, err := v.read(manifestName, maxManifest)
	if err != nil {
		v.absent(manifestName, err)
		return
	}
	m, err := parseManifest(raw)
	if err != nil {
		v.report.fault(Fault{Kind: BadManifest, File: manifestName, Key: "release.fault.manifest", Args: errs.A{"what": reasonOf(err)}})
		return
	}
	v.m, v.report.Manifest, v.report.Name, v.report.PublicKey, v.sound = m, m, m.Name, m.PublicKey, true
	got := map[string][]byte{}
	for _, name := range []string{signatureName, keyName, sumsName} {
		text, err := v.read(name, maxManifest)
		if err != nil {
			v.absent(name, err)
		}
		got[name] = text
	}
	pem, err := publicPEM(m.PublicKey)
	if err != nil {
		v.report.fault(Fault{Kind: BadSeal, File: manifestName, Key: "release.fault.no_key"})
	} else if got[keyName] != nil && string(got[keyName]) != string(pem) {
		v.report.fault(Fault{Kind: BadSeal, File: keyName, Key: "release.fault.key_file"})
	}
	v.report.Signed = signed(m.PublicKey, raw, got[signatureName])
	if !v.report.Signed && got[signatureName] != nil {
		v.report.fault(Fault{Kind: BadSeal, File: v.culprit(raw, got), Key: "release.fault.signature"})
	}
	if want := m.sums(raw, got[signatureName], pem); v.report.Signed && got[sumsName] != nil && string(want) != string(got[sumsName]) {
		v.report.fault(Fault{Kind: BadSeal, File: sumsName, Key: "release.fault.sums"})
	}
	v.report.Trusted = v.report.Signed && v.o.PublicKey != "" && v.o.PublicKey == m.PublicKey
	if v.o.PublicKey != "" && v.o.PublicKey != m.PublicKey {
		v.report.fault(Fault{Kind: WrongKey, File: keyName, Key: "release.fault.wrong_key", Args: errs.A{"found": m.PublicKey, "want": v.o.PublicKey}})
	}
}

// culprit is the file that the sums say was altered, where manifest and
// signature do not belong together.
func (v *verification) culprit(raw []byte, got map[string][]byte) string {
	for _, line := range strings.Split(string(got[sumsName]), "\n") {
		sum, name, _ := strings.Cut(line, "  ")
		switch name {
		case manifestName:
			if sum != sumOf(raw) {
				return manifestName
			}
		case signatureName:
			if sum != sumOf(got[signatureName]) {
				return signatureName
			}
		}
	}
	return manifestName // nobody but its maker could have made the signature
}

func (v *verification) absent(name string, err error) {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		v.report.fault(Fault{Kind: Missing, File: name, Key: "release.fault.missing"})
	case errors.Is(err, errNotAFile):
		v.report.fault(Fault{Kind: NotAFile, File: name, Key: "release.fault.not_a_file"})
	default:
		v.report.fault(Fault{Kind: Unreadable, File: name, Key: "release.fault.unreadable", Args: errs.A{"what": reasonOf(err)}})
	}
}

// reasonOf is an error for the one who checks a folder of their own: file
// names in it are theirs to see.
func reasonOf(err error) string {
	if errs.KindOf(err) == errs.Internal {
		return cut(err.Error(), 200)
	}
	return reason(err)
}

// files hashes every file that the manifest names and finds those it does not.
func (v *verification) files(ctx context.Context) {
	v.bad = map[string]bool{}
	var done, total int64
	for _, f := range v.m.Files {
		total += f.Bytes
	}
	for _, f := range v.m.Files {
		if ctx.Err() != nil {
			return
		}
		sum, size, err := v.sum(ctx, f.Path, f.Bytes)
		switch {
		case err != nil:
			v.absent(f.Path, err)
		case size != f.Bytes:
			v.report.fault(Fault{Kind: Altered, File: f.Path, Key: "release.fault.size", Args: errs.A{"found": size, "want": f.Bytes}})
		case sum != f.SHA256:
			v.report.fault(Fault{Kind: Altered, File: f.Path, Key: "release.fault.altered"})
		default:
			v.report.Files++
			done += f.Bytes
			if v.o.Progress != nil {
				v.o.Progress(done, total)
			}
			continue
		}
		v.bad[f.Path] = true
	}
	have, err := v.list()
	if err != nil {
		v.report.fault(Fault{Kind: Unreadable, File: ".", Key: "release.fault.unreadable", Args: errs.A{"what": reasonOf(err)}})
	}
	for _, path := range have {
		if _, named := v.m.file(path); !named && !slices.Contains(seal, path) {
			v.report.fault(Fault{Kind: Extra, File: cut(path, 200), Key: "release.fault.extra"})
		}
	}
}
