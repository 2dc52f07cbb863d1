#!/usr/bin/env bash
# The evidence log, durable, beside the disk's own fsyncs: bench/evidence.sh [--rounds N] [--seconds S] [--window N]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
(set -x; mvn -B -q -pl evidence,lake,bench -Dspotless.check.skip=true -DskipTests package)
"$java" -Xmx1g -Duser.language=en -cp "bench/target/classes:$(cat bench/target/classpath)" org.qiantang.bench.EvidenceBench "$@"
