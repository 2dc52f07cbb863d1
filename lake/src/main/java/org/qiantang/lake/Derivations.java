package org.qiantang.lake;

/** The lake as whoever makes tables of tables sees it, whether it is in this process or in the lake worker. */
public interface Derivations {
    /**
     * Makes a statement's result a table's next snapshot, in one commit. Nothing is written when it is what the table holds already.
     *
     * @throws LakeException {@code BAD_STATEMENT} also when a column's type is none of the lake's or the key does not tell rows apart
     */
    Derivation.Result derive(Derivation derivation);

    /**
     * Measures what the columns of a table look like now, as a collection does on the way. Reads the whole table, on one thread and in a
     * memory that does not grow with it.
     */
    TableProfile profile(TableName table);

    /** Tries a statement on rows that are given with it. */
    Rehearsal.Outcome rehearse(Rehearsal rehearsal);

    /** Stops the derivation of this id; nothing happens when there is none under way. */
    void stop(String id);
}
