#!/usr/bin/env bash
# The same questions to the engine in one process and to a cluster: bench/cluster.sh [--scale-factors F,F…] [--runs N] [--workers N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
(set -x; mvn -B -q -pl evidence,lake,bench -Dspotless.check.skip=true -DskipTests package)
bin/cluster assemble
"$java" -Xmx2g -Duser.language=en --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -cp "bench/target/classes:$(cat bench/target/classpath)" org.qiantang.bench.ClusterBench "$@"
