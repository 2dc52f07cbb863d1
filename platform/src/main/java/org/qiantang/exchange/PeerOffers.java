package org.qiantang.exchange;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.qiantang.share.Offered;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;
import tools.jackson.databind.json.JsonMapper;

/** The directories of our peers as they last told them, so that people look through them and write applications while a peer is away. */
@Service
public final class PeerOffers {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final int MOST_SHOWN = 200;

    private final JdbcClient jdbc;
    private final TransactionTemplate transaction;

    PeerOffers(JdbcClient jdbc, TransactionTemplate transaction) {
        this.jdbc = jdbc;
        this.transaction = transaction;
    }

    /**
     * What was found.
     *
     * @param total how many there are, of which the first 200 are shown
     */
    public record OffersFound(List<Offered> offers, int total) {
        public OffersFound {
            offers = List.copyOf(offers);
        }
    }

    /** Those whose title, department, table or fields hold all of the words, by title. */
    public OffersFound search(String peer, String query) {
        List<String> words = List.of(query.strip().toLowerCase(Locale.ROOT).split("\\s+"));
        String condition =
                " from exchange_offers where peer = :peer and (select bool_and(position(w in words) > 0) from unnest(:words) w)";
        String[] asked = words.toArray(String[]::new);
        int total = jdbc.sql("select count(*)" + condition)
                .param("peer", peer)
                .param("words", asked)
                .query(Integer.class)
                .single();
        List<Offered> offers = jdbc.sql(
                        "select content" + condition + " order by title collate \"C\", entry limit " + MOST_SHOWN)
                .param("peer", peer)
                .param("words", asked)
                .query((row, n) -> JSON.readValue(row.getString(1), Offered.class))
                .list();
        return new OffersFound(offers, total);
    }

    /** Of these entries those that the peer still offers. */
    Map<UUID, Offered> find(String peer, List<UUID> entries) {
        return entries.isEmpty()
                ? Map.of()
                : jdbc
                        .sql("select content from exchange_offers where peer = :peer and entry in (:entries)")
                        .param("peer", peer)
                        .param("entries", entries)
                        .query((row, n) -> JSON.readValue(row.getString(1), Offered.class))
                        .list()
                        .stream()
                        .collect(Collectors.toMap(Offered::entry, offer -> offer));
    }

    /**
     * What the peer offers now takes the place of what it offered, in a piece of its directory.
     *
     * @param after the entry before the piece; null at the beginning
     * @param last the last of it; null at the end
     */
    void replace(String peer, @Nullable UUID after, @Nullable UUID last, List<Offered> offers) {
        transaction.executeWithoutResult(status -> {
            jdbc.sql("""
                            delete from exchange_offers where peer = :peer
                                and (cast(:after as uuid) is null or entry > cast(:after as uuid))
                                and (cast(:last as uuid) is null or entry <= cast(:last as uuid))""")
                    .param("peer", peer)
                    .param("after", after == null ? null : after.toString())
                    .param("last", last == null ? null : last.toString())
                    .update();
            for (Offered offer : offers) {
                jdbc.sql("""
                                insert into exchange_offers (peer, entry, title, words, content)
                                values (:peer, :entry, :title, :words, cast(:content as jsonb)) on conflict do nothing""")
                        .param("peer", peer)
                        .param("entry", offer.entry())
                        .param("title", offer.title())
                        .param("words", words(offer))
                        .param("content", JSON.writeValueAsString(offer))
                        .update();
            }
        });
    }

    private static String words(Offered offer) {
        List<String> words = new ArrayList<>(
                List.of(offer.title(), offer.lakeTable(), offer.provider().name()));
        offer.fields().forEach(field -> {
            words.add(field.name());
            words.add(field.title());
        });
        return String.join("\n", words).toLowerCase(Locale.ROOT);
    }
}
