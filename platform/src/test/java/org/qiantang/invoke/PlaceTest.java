package org.qiantang.invoke;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.qiantang.core.Sealing;

/** Where a caller is in an answer, which only the platform writes. */
class PlaceTest {
    private final Sealing sealing = new Sealing(new byte[32], Sealing.newKeyPair());

    @Test
    void placeIsReadAsItWasWritten() {
        for (Place place :
                new Place[] {new Place("", 100), new Place("2026-11-28T08:00:00.123Z", 7), new Place("42", 1)}) {
            assertThat(Place.read(sealing, "residents/v1", place.write(sealing, "residents/v1")))
                    .contains(place);
        }
    }

    @Test
    void placeOfAnotherQuestionOrOfSomebodyElseIsNone() {
        String written = new Place("42", 100).write(sealing, "residents/v1");

        assertThat(Place.read(sealing, "residents/v2", written)).isEmpty();
        assertThat(Place.read(
                        new Sealing(
                                new byte[] {
                                    1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23,
                                    24, 25, 26, 27, 28, 29, 30, 31, 32
                                },
                                Sealing.newKeyPair()),
                        "residents/v1",
                        written))
                .isEmpty();
        for (int i = 0; i < written.length(); i++) {
            char other = written.charAt(i) == 'A' ? 'B' : 'A';
            String changed = written.substring(0, i) + other + written.substring(i + 1);
            assertThat(Place.read(sealing, "residents/v1", changed))
                    .as("character %d", i)
                    .isNotEqualTo(java.util.Optional.of(new Place("43", 100)))
                    .satisfies(read -> assertThat(
                                    read.isEmpty() || read.equals(java.util.Optional.of(new Place("42", 100))))
                            .isTrue());
        }
        assertThat(Place.read(sealing, "residents/v1", "%%%")).isEmpty();
        assertThat(Place.read(sealing, "residents/v1", "")).isEmpty();
    }
}
