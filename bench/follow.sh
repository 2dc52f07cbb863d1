#!/usr/bin/env bash
# Following beside pg_recvlogical and Debezium, and the lake's age: bench/follow.sh [--pairs N] [--changes N] [--legs L] [--rate N] [--seconds S] [--part P]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

java="${JAVA_HOME:+$JAVA_HOME/bin/}java"
(set -x; mvn -B -q -pl evidence,lake,bench -Dspotless.check.skip=true -DskipTests package; mvn -B -q -f bench/debezium/pom.xml process-classes)
"$java" -Xmx512m -Duser.language=en -cp "bench/target/classes:$(cat bench/target/classpath)" org.qiantang.bench.FollowBench "$@"
