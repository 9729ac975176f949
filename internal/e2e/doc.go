// Package e2e lets tests look at pages in a real Chromium.
//
// [Browser] starts one headless browser for the tests of a package; [Rig.Open]
// opens an address in a tab of its own at a given width; [Tab.Check] holds what
// every page must hold: no console errors, no horizontal scroll, no finding of
// axe-core (contrast included). [Tab.Shot] and [Tab.PDF] write pictures for
// people into the folder named by KAPOK_ARTIFACTS; no test compares pixels,
// which depend on browser and fonts.
//
// Without Chromium tests are skipped and say so; with KAPOK_CI=1 they fail.
// The package is for tests only: the program does not import it. It has no
// tables.
package e2e
