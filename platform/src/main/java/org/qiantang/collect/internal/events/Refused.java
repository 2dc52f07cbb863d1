package org.qiantang.collect.internal.events;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.Charset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message that was rejected, read again by the rules of now. It is taken whole or not at all: half of it would be neither a reject nor
 * what was sent.
 */
public final class Refused {
    private Refused() {}

    /**
     * Events that a message holds after all.
     *
     * @param device whose they are as a packet says it; empty where the events or the line by which they came say
     * @param events lines of JSON
     */
    public record Told(String device, byte[] events) {}

    /**
     * @param exact the bytes in Base64 where {@code raw} does not say them all
     * @return empty when it still is no event; an empty list when it needs to be none, like an instrument's answer
     */
    public static Optional<List<Told>> read(
            EventLines.Form form, String raw, @Nullable String exact, Charset encoding) {
        if (exact != null && exact.isEmpty()) {
            return Optional.empty();
        }
        if (form == EventLines.Form.PACKET) {
            return packets(raw.getBytes(ISO_8859_1));
        }
        byte[] body = exact == null ? raw.getBytes(UTF_8) : Base64.getDecoder().decode(exact);
        EventLines lines = EventLines.of(form, body, encoding);
        return lines.bad().isEmpty() && lines.count() > 0
                ? Optional.of(List.of(new Told("", lines.events())))
                : Optional.empty();
    }

    private static Optional<List<Told>> packets(byte[] bytes) {
        Hj212Stream stream = new Hj212Stream();
        stream.add(bytes, bytes.length);
        List<Told> told = new ArrayList<>();
        for (Optional<Hj212Stream.Found> found = stream.next(); ; found = stream.next()) {
            switch (found.or(stream::rest).orElse(null)) {
                case null -> {
                    return Optional.of(told);
                }
                case Hj212Stream.Found.Rubbish rubbish -> {
                    return Optional.empty();
                }
                case Hj212Stream.Found.Packet(Hj212Packet packet, String raw) -> {
                    if (!packet.isNamed()) {
                        return Optional.empty();
                    }
                    if (!packet.isAnswer()) {
                        told.add(new Told(packet.device(), packet.events(packet.dataTime())));
                    }
                }
            }
        }
    }
}
