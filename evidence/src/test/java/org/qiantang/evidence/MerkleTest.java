package org.qiantang.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MerkleTest {
    static List<Suite> suites() {
        return List.of(new Ed25519Suite(), new Sm2Suite());
    }

    @Test
    void rootsAreThoseThatOtherLogsComputeToo() {
        Merkle merkle = new Merkle(new Ed25519Suite());
        Merkle.Edge edge = merkle.edge();
        Stream.of("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
                .forEach(entry -> edge.add(merkle.leaf(HexFormat.of().parseHex(entry))));

        assertThat(HexFormat.of().formatHex(edge.root()))
                .isEqualTo("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
    }

    @Test
    void theNationalHashIsTheNationalHash() {
        assertThat(HexFormat.of().formatHex(new Sm2Suite().digest().digest("abc".getBytes(StandardCharsets.US_ASCII))))
                .isEqualTo("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }

    @ParameterizedTest
    @MethodSource("suites")
    void everyEntryIsProvenAndNoOtherOne(Suite suite) throws Exception {
        Merkle merkle = new Merkle(suite);
        for (int size = 1; size <= 40; size++) {
            List<byte[]> leaves = leaves(merkle, size);
            Merkle.Ranges ranges = ranges(merkle, leaves);
            byte[] root = ranges.hash(0, size);
            for (int index = 0; index < size; index++) {
                List<byte[]> proof = Merkle.inclusion(index, size, ranges);

                assertThat(merkle.includes(leaves.get(index), index, size, proof, root))
                        .isTrue();
                assertThat(merkle.includes(merkle.leaf(new byte[] {99}), index, size, proof, root))
                        .isFalse();
                assertThat(merkle.includes(leaves.get(index), index + 1, size, proof, root))
                        .isFalse();
                assertThat(merkle.includes(leaves.get(index), index, size, with(proof, root), root))
                        .isFalse();
            }
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void everyBeginningIsProvenAndNoOtherHistory(Suite suite) throws Exception {
        Merkle merkle = new Merkle(suite);
        for (int size = 1; size <= 40; size++) {
            Merkle.Ranges ranges = ranges(merkle, leaves(merkle, size));
            byte[] root = ranges.hash(0, size);
            for (int earlier = 0; earlier <= size; earlier++) {
                List<byte[]> proof = Merkle.consistency(earlier, size, ranges);
                byte[] earlierRoot = ranges.hash(0, earlier);

                assertThat(merkle.extend(earlier, earlierRoot, size, root, proof))
                        .isTrue();
                byte[] other = earlierRoot.clone();
                other[0] ^= 1;
                assertThat(merkle.extend(earlier, other, size, root, proof)).isFalse();
                assertThat(merkle.extend(earlier, earlierRoot, size, root, with(proof, root)))
                        .isFalse();
            }
        }
    }

    private static List<byte[]> with(List<byte[]> proof, byte[] more) {
        List<byte[]> longer = new ArrayList<>(proof);
        longer.add(more);
        return longer;
    }

    private static List<byte[]> leaves(Merkle merkle, int size) {
        List<byte[]> leaves = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            leaves.add(merkle.leaf(new byte[] {(byte) i, 7}));
        }
        return leaves;
    }

    /** By the definition: the larger power of two to the left, the rest to the right. */
    private static Merkle.Ranges ranges(Merkle merkle, List<byte[]> leaves) {
        return new Merkle.Ranges() {
            @Override
            public byte[] hash(long from, long to) {
                if (to == from) {
                    return merkle.edge().root();
                }
                if (to - from == 1) {
                    return Arrays.copyOf(leaves.get((int) from), Suite.HASH_BYTES);
                }
                long middle = from + Long.highestOneBit(to - from - 1);
                return merkle.node(hash(from, middle), hash(middle, to));
            }
        };
    }
}
