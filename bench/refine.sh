#!/usr/bin/env bash
# A table made of others after a few rows of them changed: bench/refine.sh [--rows N] [--pairs N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
(set -x; mvn -B -q -pl evidence,lake,bench -Dspotless.check.skip=true -DskipTests package)
"$java" -Xmx2g -Duser.language=en --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -cp "bench/target/classes:$(cat bench/target/classpath)" org.qiantang.bench.RefineBench "$@"
