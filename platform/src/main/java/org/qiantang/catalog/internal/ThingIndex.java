package org.qiantang.catalog.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.core.KeywordAnalyzer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;
import org.apache.lucene.analysis.tokenattributes.PositionIncrementAttribute;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.NumericDocValuesField;
import org.apache.lucene.document.SortedDocValuesField;
import org.apache.lucene.document.StoredField;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.LeafReaderContext;
import org.apache.lucene.index.NumericDocValues;
import org.apache.lucene.index.SortedDocValues;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.SearcherManager;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;
import org.apache.lucene.util.BytesRef;

/** The index, in memory: each hub fills one of its own from the tables, so there is nothing to keep, to share or to repair. */
public final class ThingIndex implements AutoCloseable {
    private static final float SATURATION = 1.2f;
    /** A table with a hundred columns is not less about its title than one with three. */
    private static final float LENGTH = 0.35f;

    private static final int GAP = 20;
    private static final String KEY = "key";
    private static final String STORED = "stored";
    private static final String AS_OF = "asOf";

    private final ByteBuffersDirectory directory = new ByteBuffersDirectory();
    private final IndexWriter writer;
    private final SearcherManager searchers;

    public ThingIndex() {
        try {
            IndexWriterConfig settings = new IndexWriterConfig(new KeywordAnalyzer());
            settings.setSimilarity(new BM25Similarity(SATURATION, LENGTH));
            writer = new IndexWriter(directory, settings);
            searchers = new SearcherManager(writer, null);
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot begin an index in memory", e);
        }
    }

    /**
     * What is written of a thing.
     *
     * @param key which tells it from all others
     * @param texts by the part of the thing they are
     * @param facets by name
     * @param stored given back as it is
     */
    public record Entry(
            String key, Map<Part, List<String>> texts, Map<String, String> facets, long asOf, String stored) {}

    /** The parts of a thing that words are looked for in, and how much they count. */
    public enum Part {
        NAME(2.6f),
        TITLE(3f),
        SUMMARY(1.6f),
        COLUMNS(1f),
        CODES(0.8f),
        CONTEXT(1.2f);

        final float weight;

        Part(float weight) {
            this.weight = weight;
        }

        String words() {
            return name();
        }

        String sound() {
            return name() + ".sound";
        }

        String initials() {
            return name() + ".initials";
        }
    }

    public void put(List<Entry> entries, Set<String> gone) {
        try {
            for (String key : gone) {
                writer.deleteDocuments(new Term(KEY, key));
            }
            for (Entry entry : entries) {
                writer.updateDocument(new Term(KEY, entry.key()), document(entry));
            }
            searchers.maybeRefreshBlocking();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot write the index in memory", e);
        }
    }

    public void clear() {
        try {
            writer.deleteAll();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot empty the index in memory", e);
        }
    }

    private static Document document(Entry entry) {
        Document document = new Document();
        document.add(new StringField(KEY, entry.key(), Field.Store.NO));
        document.add(new StoredField(STORED, entry.stored()));
        document.add(new NumericDocValuesField(AS_OF, entry.asOf()));
        entry.facets().forEach((name, value) -> document.add(new SortedDocValuesField(name, new BytesRef(value))));
        entry.texts().forEach((part, texts) -> {
            List<List<String>> words = new ArrayList<>();
            List<List<String>> sounds = new ArrayList<>();
            List<List<String>> initials = new ArrayList<>();
            for (String text : texts) {
                for (Run run : Run.of(text)) {
                    words.add(tokens(run));
                    if (run.han() && run.text().length() > 1) {
                        List<String> syllables = Sound.syllables(run.text());
                        sounds.add(Sound.pairs(syllables));
                        initials.add(Run.pairs(Sound.initials(syllables)));
                    }
                }
            }
            document.add(new TextField(part.words(), new Tokens(words)));
            document.add(new TextField(part.sound(), new Tokens(sounds)));
            document.add(new TextField(part.initials(), new Tokens(initials)));
        });
        return document;
    }

    private static List<String> tokens(Run run) {
        if (!run.han()) {
            return List.of(Words.stem(run.text()));
        }
        List<String> tokens = new ArrayList<>(Run.pairs(run.text()));
        if (run.text().codePointCount(0, run.text().length()) > 1) {
            run.text().codePoints().forEach(each -> tokens.add(Character.toString(each)));
        }
        return tokens;
    }

    /**
     * What answers a query, the best first.
     *
     * @param asOf milliseconds, or {@link Long#MIN_VALUE}
     */
    public record Answer(int place, float score, long asOf, Map<String, String> facets) {}

    /**
     * Looks, and hands the answers over while they can be opened.
     *
     * @param facets which of them to read of each answer
     */
    public void look(Query query, List<String> facets, Consumer<Look> use) {
        try {
            IndexSearcher searcher = searchers.acquire();
            try {
                use.accept(new Look(answers(searcher, query, facets), searcher.storedFields()));
            } finally {
                searchers.release(searcher);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot read the index in memory", e);
        }
    }

    private static List<Answer> answers(IndexSearcher searcher, Query query, List<String> facets) throws IOException {
        int most = Math.max(1, searcher.getIndexReader().maxDoc());
        ScoreDoc[] docs = searcher.search(query, most).scoreDocs;
        Arrays.sort(docs, Comparator.comparingInt(doc -> doc.doc));
        List<Answer> answers = new ArrayList<>(docs.length);
        int next = 0;
        for (LeafReaderContext leaf : searcher.getIndexReader().leaves()) {
            SortedDocValues[] values = new SortedDocValues[facets.size()];
            String[][] known = new String[facets.size()][];
            for (int i = 0; i < values.length; i++) {
                values[i] = org.apache.lucene.index.DocValues.getSorted(leaf.reader(), facets.get(i));
                known[i] = new String[values[i].getValueCount()];
            }
            NumericDocValues asOf = org.apache.lucene.index.DocValues.getNumeric(leaf.reader(), AS_OF);
            for (;
                    next < docs.length
                            && docs[next].doc < leaf.docBase + leaf.reader().maxDoc();
                    next++) {
                int doc = docs[next].doc - leaf.docBase;
                Map<String, String> of = new java.util.HashMap<>();
                for (int i = 0; i < values.length; i++) {
                    if (values[i].advanceExact(doc)) {
                        int ordinal = values[i].ordValue();
                        if (known[i][ordinal] == null) {
                            known[i][ordinal] = values[i].lookupOrd(ordinal).utf8ToString();
                        }
                        of.put(facets.get(i), known[i][ordinal]);
                    }
                }
                answers.add(new Answer(
                        docs[next].doc,
                        docs[next].score,
                        asOf.advanceExact(doc) ? asOf.longValue() : Long.MIN_VALUE,
                        of));
            }
        }
        answers.sort(Comparator.<Answer>comparingDouble(answer -> -answer.score).thenComparingInt(Answer::place));
        return answers;
    }

    /** Answers, and what was stored of them. */
    public record Look(List<Answer> answers, StoredFields fields) {
        public String stored(Answer answer) {
            try {
                return fields.document(answer.place(), Set.of(STORED)).get(STORED);
            } catch (IOException e) {
                throw new UncheckedIOException("Cannot read the index in memory", e);
            }
        }
    }

    @Override
    public void close() {
        try {
            searchers.close();
            writer.rollback();
            directory.close();
        } catch (IOException e) {
            throw new UncheckedIOException("Cannot end the index in memory", e);
        }
    }

    /** Tokens as they are; what follows in another run is far away. */
    private static final class Tokens extends TokenStream {
        private final List<List<String>> runs;
        private final CharTermAttribute term = addAttribute(CharTermAttribute.class);
        private final PositionIncrementAttribute step = addAttribute(PositionIncrementAttribute.class);
        private Iterator<List<String>> run;
        private Iterator<String> token = List.<String>of().iterator();

        Tokens(List<List<String>> runs) {
            this.runs = runs;
            this.run = runs.iterator();
        }

        @Override
        public boolean incrementToken() {
            clearAttributes();
            boolean first = false;
            while (!token.hasNext()) {
                if (!run.hasNext()) {
                    return false;
                }
                token = run.next().iterator();
                first = true;
            }
            term.append(token.next());
            step.setPositionIncrement(first ? GAP : 1);
            return true;
        }

        @Override
        public void reset() throws IOException {
            super.reset();
            run = runs.iterator();
            token = List.<String>of().iterator();
        }
    }
}
