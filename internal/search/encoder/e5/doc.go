// Package e5 turns texts into vectors with a model of the E5 family
// (multilingual-e5-small: XLM-RoBERTa's vocabulary, 12 layers, 384 dimensions;
// Wang et al., “Multilingual E5 Text Embeddings”, arXiv 2402.05672), read from a
// model file of the layout “E5S1”, whose matrices have four bits a weight.
//
// Read checks a file and loads it; Tokens cuts a text into pieces by the
// unigram model (Kudo, arXiv 1804.10959); Encode runs the layers.
//
// The matrix product is integer: weights of four bits in blocks of 32 with one
// scale, activations brought to eight bits per block as they come, summed
// without rounding inside a block. Weights stay in four bits in memory; eight
// rows at a time are spread to bytes in the first-level cache. The word table,
// three quarters of the file, is not loaded: rows are read when a text has
// their piece. On amd64 with AVX2 and FMA the kernels are assembly; elsewhere
// plain Go with the same result within rounding.
//
// It knows no prefixes, caches nothing and downloads nothing (package encoder
// does the first two; nobody does the third). It does no training. It has no
// tables.
package e5
