package resolve

import "strings"

// connectors carry no content. Those marked with + continue a name: after
// "Shiraz University" the words "of Technology" make it another university.
const connectors = `
the a an and et y e und och og ja in at an am im i l d s
+of +de +da +do +das +dos +di +del +dell +della +delle +dei +degli +du +des +der +den +für +fur +fuer +for +zu +zur +van +von +ved +af +per
le la les el los las die das het o os as to on by with w na`

// synonyms writes institutional words of many languages, their plurals and
// their abbreviations in one form: the first word of a line, into which all
// others turn. A form of several words is joined by +.
const synonyms = `
university univ uni universite universites universidad universita universitat universitaet universidade universiteit universitet universitetet uniwersytet univerzita univerzitet universiti universitas universitatea universiteti universitesi universitario universitaria universitaire universitaires universitari universitar universitetas universities unversity univeristy unv universty unversidad universidadde yliopisto egyetem sveuciliste
university+hospital universitatsklinikum universitaetsklinikum uniklinik uniklinikum universitatsspital universitatskliniken universitatsmedizin unispital
university+center universitatszentrum
institute inst institut instituto istituto instytut institutet institutt instituut institutes instituts institutul institucio insitute institue instituti enstitusu
hospital hosp hopital hopitaux hospitals hospitalier hospitaliers hospitaliere ospedale ospedali ospedaliero ospedaliera ospedaliere krankenhaus klinikum spital sjukhus sykehus sygehus ziekenhuis hastanesi hospitalet hospitalario hospitalaria hospitalar sairaala szpital nemocnice bolnica kliniken
clinic clinica clinique klinik clinics poliklinik clinico
center centre centro centrum zentrum ctr centers centres cntr centar merkezi centra
national nacional nationale nationales nazionale natl nationaal nationales nacionales nat ulusal narodni
science sciences sci scienze scienza ciencias ciencia wissenschaften wissenschaft wetenschappen scientific scientifique scientifiques cientifica cientificas cientifico cientificos nauk stiinte bilimleri
technology technological technologies tecnologia technologie technol tecnologico tecnologica tecnologicas technologica teknologi tech teknoloji
technical technische technischen technisches technic technique techniques tecnica tecnico tecnicas teknik technicka technika
polytechnic polytechnique politecnico politecnica polytechnical politechnika politehnica polytechnica
research recherche recherches investigacion investigaciones investigacao ricerca ricerche forschung forschungs pesquisa pesquisas res forskning badawczy arastirma rech
medical medica medico medicale medicas medicos medisch medizinische medizinischen medyczny
medicine medicina medizin medecine med tip geneeskunde medycyny
academy acad academia akademie accademia akademia academie akademi akademiya
laboratory lab labs laboratories laboratoire laboratorio laboratoires laboratorios labor laborat
department dept dep departamento dipartimento departement abteilung depart departmnt departament
college coll colegio collegio colleges
school sch scuola ecole escuela escola schule skola schools
faculty fac facultad faculdade facolta faculte fakultat fakultaet fakulta fakultesi
saint st ste sankt
engineering eng engn engg ingenieria ingegneria engenharia ingenierie engr
health sante salud salute saude gesundheit saglik
agricultural agric agriculture agr agricola agrarian agraria agrarwissenschaft agronomique agricole
international intl internacional internationale internationales internazionale
association assoc asociacion associazione associacao assn
society soc sociedad societe societa
foundation fdn fundacion fondazione fondation fundacao stiftung
autonomous autonoma autonomo autonome
catholic catolica cattolica catholique katholieke katholische
federal federale
general generale
council conseil consejo consiglio conselho
ministry ministere ministerio ministero ministerium min
veterinary veterinaria veterinario veterinaires veterinaire vet
regional regionale regionales regionais
applied appliquee appliquees aplicada aplicadas angewandte
physics physique fisica physik
chemistry chimie chimica quimica chemie
biology biologie biologia
cancer krebs
management mgmt
children childrens
women womens
people peoples
hospital+center chu`

// legal lists forms of incorporation. They are no content unless they open a
// segment (CO is also a state).
const legal = `ltd limited co company inc incorporated llc llp gmbh corp corporation plc sa ag spa srl sarl bv nv oy oyj ab asa as sas kk kg pty pvt pte private sro doo se`

type wordClass struct {
	stop, joins bool
	forms       []string // canonical words
}

var classes = loadClasses()

func loadClasses() map[string]wordClass {
	out := map[string]wordClass{}
	for line := range strings.SplitSeq(synonyms, "\n") {
		words := strings.Fields(line)
		for _, w := range words {
			forms := strings.Split(words[0], "+")
			if w != words[0] {
				out[w] = wordClass{forms: forms}
			}
		}
	}
	for w := range strings.FieldsSeq(connectors) {
		bare := strings.TrimPrefix(w, "+")
		out[bare] = wordClass{stop: true, joins: bare != w}
	}
	return out
}

var legalForms = func() map[string]bool {
	out := map[string]bool{}
	for w := range strings.FieldsSeq(legal) {
		out[w] = true
	}
	return out
}()

// canonical rewrites the words of m in place: connectors marked, synonyms
// replaced, single letters treated as connectors.
func (m *mention) canonical() {
	expanded := false
	for i := range m.words {
		w := &m.words[i]
		c, ok := classes[w.text]
		switch {
		case ok && c.stop:
			w.stop, w.joins = true, c.joins
		case ok && len(c.forms) == 1:
			w.text = c.forms[0]
		case ok:
			expanded = true
		case legalForms[w.text] && i > 0 && m.words[i-1].seg == w.seg || w.text == "ltd" || w.text == "inc":
			w.stop, w.legal = true, true
		case len(w.text) == 1 && w.text[0] > '9':
			w.stop = true
		}
	}
	if expanded {
		var out []word
		for _, w := range m.words {
			for _, f := range formsOf(w) {
				w.text = f
				out = append(out, w)
			}
		}
		m.words = out
	}
}

func formsOf(w word) []string {
	if c, ok := classes[w.text]; ok && len(c.forms) > 1 && !w.stop {
		return c.forms
	}
	return []string{w.text}
}
