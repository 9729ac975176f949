package web

// FilterBar is the GET form above a list, what is on, and what can be done
// with the whole list.
type FilterBar struct {
	Action  string // path of the list
	Fields  []Field
	Keep    []Hidden // parameters the form must carry along: sort, tab
	Chips   []Chip
	Reset   string // address without filters
	Count   string // "共 1,284 个机构"
	Exports []Link // CSV, XLSX
}

// Hidden is a form value that is not shown.
type Hidden struct{ Name, Value string }

// Field is one question of a form.
type Field struct {
	Name         string
	Label        string
	Kind         string // text, search, number, date, password, area, select, radio, check, file
	Value        string
	Options      []Option
	Hint         string
	Error        string
	Optional     bool // said beside the label; everything else is needed
	Either       bool // one of several fields is needed: neither needed alone nor optional
	Autocomplete string
	Rows         int // of an area; 0 means 5
}

// Option is one answer of a select, radio or check field.
type Option struct {
	Value    string
	Label    string
	Hint     string
	Selected bool
}

// FieldError is one line of the summary above a form with errors.
type FieldError struct {
	Field string // "" for an error of the whole form
	Text  string
}

// Answer is one line of the page on which answers are checked.
type Answer struct {
	Label  string
	Value  string
	Change string // address of the question
}

// Errors lists the errors of fields for the summary, in order.
func Errors(fields []Field) []FieldError {
	var out []FieldError
	for _, f := range fields {
		if f.Error != "" {
			out = append(out, FieldError{f.Name, f.Error})
		}
	}
	return out
}
