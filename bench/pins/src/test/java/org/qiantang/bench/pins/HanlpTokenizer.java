package org.qiantang.bench.pins;

import com.hankcs.hanlp.seg.common.Term;
import com.hankcs.hanlp.tokenizer.IndexTokenizer;
import java.io.IOException;
import java.io.StringWriter;
import java.util.Collections;
import java.util.Iterator;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.tokenattributes.CharTermAttribute;

/** HanLP's words, and the words inside them, as Lucene's tokens. */
final class HanlpTokenizer extends Tokenizer {
    private final CharTermAttribute word = addAttribute(CharTermAttribute.class);
    private Iterator<Term> terms = Collections.emptyIterator();

    @Override
    public void reset() throws IOException {
        super.reset();
        StringWriter text = new StringWriter();
        input.transferTo(text);
        terms = IndexTokenizer.segment(text.toString()).iterator();
    }

    @Override
    public boolean incrementToken() {
        clearAttributes();
        if (!terms.hasNext()) {
            return false;
        }
        word.append(terms.next().word);
        return true;
    }
}
