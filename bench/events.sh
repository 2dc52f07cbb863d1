#!/usr/bin/env bash
# Events over HTTP, durable before the answer, beside QuestDB's line protocol: bench/events.sh [--pairs N] [--batches N] [--lines N] [--seconds S]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
(set -x; mvn -B -q -pl evidence,lake,bench -Dspotless.check.skip=true -DskipTests package; mvn -B -q -f bench/questdb/pom.xml process-resources)
"$java" -Xmx512m -Duser.language=en -cp "bench/target/classes:$(cat bench/target/classpath)" org.qiantang.bench.EventsBench "$@"
