package org.qiantang.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How alike names of data and purposes of projects are. */
class LikenessTest {
    private static int percent(String one, String other) {
        return Likeness.percent(Likeness.pairs(one), Likeness.pairs(other));
    }

    @Test
    void shortNamesThatSayTheSameAreTheSame() {
        assertThat(percent("人口信息", "全市人口数据")).isEqualTo(100);
        assertThat(percent("企业信息", "企业信息")).isEqualTo(100);
        assertThat(percent("人口信息", "企业信息")).isZero();
    }

    @Test
    void whatSaysNothingIsLikeNothing() {
        assertThat(percent("数据平台", "信息系统")).isZero();
        assertThat(percent("", "")).isZero();
    }
}
