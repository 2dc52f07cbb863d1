#!/usr/bin/env bash
# Collection beside two COPY and beside Spark and SeaTunnel: bench/collect.sh [--scale-factor F] [--pairs N] [--legs L] [--memory | --profile]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
(set -x; mvn -B -q -pl evidence,lake,bench -Dspotless.check.skip=true -DskipTests package; mvn -B -q -f bench/peer/pom.xml process-classes; mvn -B -q -f bench/seatunnel/pom.xml process-resources)
"$java" -Xmx512m -Duser.language=en --enable-native-access=ALL-UNNAMED \
  -cp "bench/target/classes:$(cat bench/target/classpath)" org.qiantang.bench.CollectBench "$@"
