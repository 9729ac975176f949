// Package calendar carries the public holidays of China and the weekends that
// are worked in exchange, one file a year, as the General Office of the State
// Council announced them. Each file names the document and the day on which it
// was issued; they are facts, in no words of the notice.
//
// It embeds files and knows no other package: package casework reads them. A
// year that is not here is not known. Another year is one more file of the same
// shape, or is put into the database by an operator.
//
// Tables: none.
package calendar
