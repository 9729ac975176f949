// Command trim cuts the four large files of the demo city from the full open
// data sets, so that the bundle can be made again and its cutting can be read.
//
// It reads an outside folder (--from) that holds
//
//	ror/ror_records_v1schema.jsonl.gz, ror/ror_records_v2schema.jsonl.gz
//	chinaxiv/chinaxiv_heads.jsonl.gz
//	geo_china/gb2260/{province,city,area,hongkong,macau}.csv
//	patent_indicators_patentworld/chapter4__innovation_diffusion.json.gz
//
// and writes ror.jsonl.gz, chinaxiv.jsonl.gz, gb2260.csv and
// patent_places.csv.gz into --to. Same
// input, same bytes: the order is fixed and the gzip header carries no time.
//
//	go run ./data/trim --from ../datasets --to data/guangzhou
//
// What is kept of each is said at the head of ror.go, chinaxiv.go,
// divisions.go and patents.go. It fetches nothing, and the program that users run does not
// contain it.
package main
