// Package encoder turns texts into vectors, so that texts of like meaning lie
// near each other whatever their words or language.
//
// Encoder is the port. It has three implementations: a model of the E5 family
// that an operator added as a file (Add, Open; package e5 reads and runs it), a
// service that speaks the embeddings interface of OpenAI (NewHTTP), and a table
// of word vectors with the city's glosses (NewTable), which comes with Kapok and
// serves when there is no model. Cached keeps vectors on disk by the content of
// their texts, for any of them.
//
// Vectors of different encoders are not comparable: Name tells them apart and
// goes into every key. It does not compare vectors (package vector does), does
// not decide what is encoded (its callers do), and downloads nothing. It has no
// tables; a model and the cache live in folders that the caller names.
package encoder
