package app

import (
	"github.com/kapok-city/kapok/internal/errs"
)

// addressError tells a person why the server could not listen.
func addressError(err error, addr string) error {
	return errs.Wrap(err, errs.Unavailable, "app.cannot_listen", errs.A{"addr": addr})
}
