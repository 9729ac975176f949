// Package web serves Kapok's pages: bilingual HTML made on the server, which
// works without JavaScript in Chromium 90 and later.
//
// The tour, in reading order:
//
//   - [Site] (site.go) holds the parsed templates, the assets and the routes.
//     [Site.Route] adds a page; [Site.Handler] wraps all routes in the
//     middleware of middleware.go.
//   - [Handler] (handler.go) is a page as a function that returns an error; one
//     place turns errors into pages with a status, in the reader's language.
//   - [Page] (page.go) is what every page knows: language, title, reader, trail,
//     whether the city is simulated. Each page has one struct that embeds it.
//   - [Prefs] (prefs.go) are the reader's language, colours, text size and row
//     height, kept in one cookie.
//   - parts.go and form.go declare one struct for each partial template of
//     templates/parts; funcs.go the functions templates may call.
//   - value.go turns quantities into what is set on a page; package chart, one
//     floor down, draws.
//   - services.go names the rooms that pages ask; registers.go adds the lists
//     (register.go), the records (record.go), accounts (sessions.go), editing
//     (edit_organisation.go, merge.go) and imports (import.go). reading.go holds
//     what one request for records needs: words, sources, who may see what.
//   - assets.go serves static/ under names that carry their hash.
//   - [Services] (services.go) are the rooms that pages ask. figures.go adds
//     [Site.AddFigures]: the overview (overview.go), a figure with its values and
//     records (figure*.go), the platform system (system.go, tilemap.go),
//     rankings, superlatives, and the check of a text (audit*.go).
//   - observatory.go adds [Site.AddObservatory]: rankings of Kapok's own with the
//     works behind each value (style*.go), clusters (cluster*.go), the ledger of
//     published rankings (editions*.go), releases (release*.go), and the query of
//     an analyst (query*.go), which runs in a process of its own. method.go
//     answers "how was this computed?" for all of them.
//   - transfer.go adds [Site.AddTransfer], the market of results, needs and
//     services: lists and records (market_*.go, with result.go, need.go and
//     offering.go for what differs by kind), forms (market_question.go first),
//     disclosures (disclosure*.go), the desk that decides on them (triage*.go),
//     drafts and saved searches.
//   - ledger.go adds [Site.AddLedger], the books as anybody of the staff may read
//     them: accounts as of two times, acts with their evidence (ledger_trace.go),
//     a check of a book, and the journal. cases.go adds [Site.AddCases]: what
//     waits for the reader, one case (cases_page.go), and its actions by a form
//     that is checked first (cases_act.go).
//
// How to write a page is told in templates/README.md. The package holds no
// rule of the domain, opens no transaction and has no tables.
package web
