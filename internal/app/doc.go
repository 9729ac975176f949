// Package app is the only place that knows everything: it reads the
// configuration, opens the database, builds the services of all rooms in the
// order of their floors, joins web, api and the auditor, and starts and stops
// the server. It also builds the demo city.
//
// It holds no rules of any room and has no tables.
package app
