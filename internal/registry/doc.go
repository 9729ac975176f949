// Package registry is the room of organisations and of what hangs on them:
// platforms, people, parks, papers, the relations between them, and the
// administrative divisions they lie in.
//
// Its tables are division, org, org_name, org_identifier, merge, relation,
// person, platform, platform_host, park, paper, paper_affiliation and
// paper_org.
package registry
