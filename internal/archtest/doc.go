// Package archtest holds the house together: tests only. It fails when a
// package imports a floor above its own or a neighbour that is not named, when
// a package has no tour, when a module is used without a reason in
// docs/dependencies.md, and when a name that says nothing (util, common, …) is
// used for a package.
//
// It has no tables and nothing imports it.
package archtest
