package org.qiantang.collect;

import org.qiantang.core.Problem;

/** Puts the reasons that workers name by code into words. */
final class Reasons {
    private Reasons() {}

    static RunObject.Reason of(Receipt.Reason reason) {
        String detail = reason.detail() == null ? "" : reason.detail();
        return CollectProblem.find(reason.code())
                .map(code -> new Problem(code, "reason", detail, "file", ""))
                .map(problem -> new RunObject.Reason(
                        reason.code(),
                        problem.zh(),
                        problem.en(),
                        // What the sentence has taken in is not said twice, nor what the number of rejects says.
                        problem.en().contains(detail) || problem.code() == CollectProblem.REJECTS ? null : detail))
                .orElseGet(() -> new RunObject.Reason(
                        reason.code(),
                        "未能完整归集：" + detail,
                        "It could not be collected whole: " + detail,
                        reason.detail()));
    }
}
