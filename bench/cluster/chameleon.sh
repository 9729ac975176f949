#!/bin/sh
# Checks the twelve reference runs on the CHAMELEON point sets. The points are
# GPL and come with Debian's r-cran-seriation; R writes them to a folder that the
# test reads. Needs: apt-get install r-base-core r-cran-seriation
# Usage: bench/cluster/chameleon.sh [RDA_FILE]
set -eu
rda=${1:-/usr/lib/R/site-library/seriation/data/Chameleon.rda}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
Rscript -e 'args <- commandArgs(TRUE); load(args[1]); for (s in list(c("4", "t4.8k"), c("5", "t5.8k"), c("7", "t7.10k"), c("8", "t8.8k"))) write.table(get(paste0("chameleon_ds", s[1])), file.path(args[2], paste0(s[2], ".dat")), row.names = FALSE, col.names = FALSE)' "$rda" "$dir"
cd "$(dirname "$0")/../.."
KAPOK_CHAMELEON=$dir go test -count=1 -run 'TestChameleon$' -v ./internal/cluster
