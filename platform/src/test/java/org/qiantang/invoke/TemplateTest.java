package org.qiantang.invoke;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.qiantang.core.Problem;

/** Which words of a statement are parameters, and that none of their values is ever part of it. */
class TemplateTest {
    private static final Map<String, Parameter> PARAMETERS = Map.of(
            "area",
            new Parameter("area", "", Parameter.Type.TEXT, true, null, null, null),
            "since",
            new Parameter("since", "", Parameter.Type.DATE, false, null, null, null));

    private static String sql(String text) {
        return Template.of(text, PARAMETERS).sql();
    }

    @Test
    void nameAfterAColonIsAPlaceOfItsTypeTheSameEachTime() {
        Template template = Template.of("SELECT :since, :area, :since", PARAMETERS);

        assertThat(template.sql()).isEqualTo("SELECT CAST($1 AS DATE), CAST($2 AS VARCHAR), CAST($1 AS DATE)");
        assertThat(template.names()).containsExactly("since", "area");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT 'a :area $1 ?'",
                "SELECT 'it''s :area'",
                "SELECT E'\\' :area'",
                "SELECT \":area\" FROM t",
                "SELECT 1 -- :area",
                "SELECT /* :area /* :since */ :area */ 1",
                "SELECT x::DATE",
                "SELECT name_E FROM t",
            })
    void textsNamesCommentsAndCastsStayAsTheyAre(String text) {
        assertThat(sql(text)).isEqualTo(text);
    }

    @Test
    void textEndsWhereTheEngineEndsIt() {
        assertThat(sql("SELECT 'a\\' , :area")).isEqualTo("SELECT 'a\\' , CAST($1 AS VARCHAR)");
        assertThat(sql("SELECT E'a\\'' , :area")).isEqualTo("SELECT E'a\\'' , CAST($1 AS VARCHAR)");
        assertThat(sql("SELECT xE'a\\' , :area")).isEqualTo("SELECT xE'a\\' , CAST($1 AS VARCHAR)");
        assertThat(sql("--\n:area")).isEqualTo("--\nCAST($1 AS VARCHAR)");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SELECT :unknown",
                "SELECT $1",
                "SELECT ?",
                "SELECT 'open",
                "SELECT /* open",
                "SELECT \"open",
                "SELECT $$x$$"
            })
    void whatIsNoParameterAndCouldBeTakenForOneIsRefused(String text) {
        assertThatThrownBy(() -> sql(text))
                .isInstanceOfSatisfying(
                        Problem.class, problem -> assertThat(problem.code()).isEqualTo(InvokeProblem.DEFINITION_WRONG));
    }

    @Test
    void valueHasToBeOfItsTypeToBeBound() {
        assertThat(bound(Parameter.Type.INTEGER, "007")).isEqualTo("7");
        assertThat(bound(Parameter.Type.DECIMAL, "1e3")).isEqualTo("1000");
        assertThat(bound(Parameter.Type.TIMESTAMP, "2026-11-28T08:00:00+08:00")).isEqualTo("2026-11-28T00:00:00Z");
        assertThat(bound(Parameter.Type.TEXT, "' OR 1=1")).isEqualTo("' OR 1=1");
        for (Map.Entry<Parameter.Type, String> wrong : List.of(
                Map.entry(Parameter.Type.INTEGER, "1; DROP"),
                Map.entry(Parameter.Type.INTEGER, "9223372036854775808"),
                Map.entry(Parameter.Type.DECIMAL, "1e999999999"),
                Map.entry(Parameter.Type.DATE, "2026-02-30"),
                Map.entry(Parameter.Type.TIMESTAMP, "2026-11-28"),
                Map.entry(Parameter.Type.BOOLEAN, "yes"),
                Map.entry(Parameter.Type.TEXT, "a\0b"))) {
            assertThatThrownBy(() -> bound(wrong.getKey(), wrong.getValue()))
                    .isInstanceOfSatisfying(
                            Problem.class,
                            problem -> assertThat(problem.members()).containsEntry("parameter", "p"));
        }
    }

    private static String bound(Parameter.Type type, String text) {
        return new Parameter("p", "", type, true, null, null, null).bound(text);
    }
}
