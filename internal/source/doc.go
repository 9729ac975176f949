// Package source says where each fact comes from: the document (title,
// publisher, date, licence) and the import batch that brought it in.
//
// Every row of every room carries a source id, and a batch id when an import
// wrote it. A source whose licence tag is R may be used in private but never
// leaves in an export. A batch records what an import read, wrote and refused;
// undoing one is the work of package ingest, which knows the rooms.
//
// Its tables are source and batch.
package source
