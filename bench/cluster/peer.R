# Times R's dbscan on unit vectors: Rscript peer.R FILE DENSITY OUT
args <- commandArgs(TRUE)
suppressPackageStartupMessages(library(dbscan))
n <- file.info(args[1])$size / 16
deg <- matrix(readBin(args[1], "double", 2 * n, endian = "little"), ncol = 2, byrow = TRUE) * pi / 180
x <- cbind(cos(deg[, 2]) * cos(deg[, 1]), cos(deg[, 2]) * sin(deg[, 1]), sin(deg[, 2]))
eps <- 2 * sin(15 / (2 * 6371.0088))
minimum <- as.integer(args[2])
seconds <- system.time(fit <- dbscan(x, eps = eps, minPts = minimum))[["elapsed"]]
writeBin(as.integer(fit$cluster - 1L), paste0(args[3], ".labels"), endian = "little")
cat(sprintf('{"program": "R dbscan", "n": %d, "seconds": [%.3f], "clusters": %d, "core": -1, "noise": %d}\n',
            as.integer(n), seconds, max(fit$cluster), sum(fit$cluster == 0)))
