package release

import (
	"slices"
	"strings"

	"github.com/kapok-city/kapok/internal/i18n"
)

// node is one object of a JSON-LD text.
type node map[string]any

// catalogue writes the release as a DCAT 3 data set (W3C, 22 August 2024): one
// distribution per data file with its SPDX checksum, and each source with its
// rights. Addresses are relative to the folder, so that the entry stays true
// wherever the folder is served.
func catalogue(s *Snapshot) ([]byte, error) {
	m := &s.Manifest
	data := slices.DeleteFunc(slices.Clone(m.Files), func(f File) bool { return f.Role == RoleReport || f.Role == RoleCatalogue })
	slices.SortFunc(data, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	distributions := make([]node, 0, len(data))
	for _, f := range data {
		distributions = append(distributions, node{
			"@type": "dcat:Distribution", "@id": f.Path, "dct:title": f.Path,
			"dcat:downloadURL": node{"@id": f.Path},
			"dcat:mediaType":   node{"@id": "https://www.iana.org/assignments/media-types/" + mediaType(f.Path)},
			"dcat:byteSize":    f.Bytes,
			"spdx:checksum":    node{"@type": "spdx:Checksum", "spdx:algorithm": node{"@id": "spdx:checksumAlgorithm_sha256"}, "spdx:checksumValue": f.SHA256},
		})
	}
	sources := make([]node, 0, len(s.Sources))
	for _, o := range s.Sources {
		sources = append(sources, sourceNode(&o))
	}
	return encode(node{
		"@context": node{
			"dcat": "http://www.w3.org/ns/dcat#", "dct": "http://purl.org/dc/terms/", "foaf": "http://xmlns.com/foaf/0.1/",
			"spdx": "http://spdx.org/rdf/terms#", "xsd": "http://www.w3.org/2001/XMLSchema#", "prov": "http://www.w3.org/ns/prov#",
		},
		"@id": "./", "@type": "dcat:Dataset",
		"dct:identifier": m.Name, "dct:title": texts(m.Title),
		"dct:description":  texts(i18n.Text{ZH: i18n.T(i18n.ZH, "release.page.lead"), EN: i18n.T(i18n.EN, "release.page.lead")}),
		"dct:language":     []node{{"@id": "http://id.loc.gov/vocabulary/iso639-1/zh"}, {"@id": "http://id.loc.gov/vocabulary/iso639-1/en"}},
		"dct:temporal":     node{"@type": "dct:PeriodOfTime", "dcat:endDate": node{"@type": "xsd:date", "@value": m.Day}},
		"dct:spatial":      node{"@type": "dct:Location", "dct:identifier": "GB/T 2260 " + m.City},
		"dct:conformsTo":   node{"dct:title": "Kapok release, format 1"},
		"dct:publisher":    node{"@type": "foaf:Agent", "dct:identifier": "ed25519:" + m.PublicKey},
		"dcat:landingPage": node{"@id": "index.html"}, "dcat:version": m.Name,
		"dct:source": sources, "dcat:distribution": distributions,
	})
}

func sourceNode(o *Source) node {
	n := node{"@type": "foaf:Document", "dct:identifier": o.ID, "dct:title": texts(o.Title), "dct:rights": string(o.LicenceTag)}
	for key, text := range map[string]string{"dct:publisher": o.Publisher, "dct:creator": o.Author, "dct:license": o.Licence, "dct:issued": o.PublishedOn, "foaf:page": o.URL} {
		if text != "" {
			n[key] = text
		}
	}
	return n
}

func texts(t i18n.Text) []node {
	var out []node
	if t.ZH != "" {
		out = append(out, node{"@language": "zh", "@value": t.ZH})
	}
	if t.EN != "" {
		out = append(out, node{"@language": "en", "@value": t.EN})
	}
	return out
}

// mediaType says what a file is, by its name.
func mediaType(path string) string {
	for suffix, t := range map[string]string{".json": "application/json", ".csv": "text/csv", ".parquet": "application/vnd.apache.parquet",
		".html": "text/html", ".css": "text/css", ".txt": "text/plain", ".jsonld": "application/ld+json", ".pem": "application/x-pem-file"} {
		if strings.HasSuffix(path, suffix) {
			return t
		}
	}
	return "application/octet-stream"
}

// MediaType is the type under which a file of a release is served.
func MediaType(path string) string {
	t := mediaType(path)
	if strings.HasPrefix(t, "text/") || t == "application/json" {
		return t + "; charset=utf-8"
	}
	return t
}
