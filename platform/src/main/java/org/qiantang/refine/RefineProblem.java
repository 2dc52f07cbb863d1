package org.qiantang.refine;

import org.qiantang.core.Problem;

/** Why a table cannot be made of others. */
public enum RefineProblem implements Problem.Code {
    WRONG_FORM(
            "refine.wrong_form",
            400,
            "无法读懂这份治理规则（第 {line} 行）：{reason}。写法见 docs/layers.md。",
            "Cannot read this mapping (line {line}): {reason}. docs/layers.md says how it is written."),
    WRONG_STATEMENT(
            "refine.wrong_statement",
            400,
            "无法用这条语句生成 {table}：{reason}。请更正后重试。",
            "Cannot make {table} by this statement: {reason}. Correct it and try again."),
    NO_SUCH_INPUT(
            "refine.no_such_input",
            400,
            "无法生成 {table}：目录中没有表 {input}。请先归集它，或先定义生成它的规则。",
            "Cannot make {table}: {input} is not in the catalogue. Collect it, or define the mapping that makes it, first."),
    CYCLE(
            "refine.cycle",
            409,
            "无法保存 {table} 的规则：它会绕一圈回到自己（{path}）。请拆开其中一步。",
            "Cannot save the mapping of {table}: it would come back to itself ({path}). Break one of the steps."),
    TEST_FAILED(
            "refine.test_failed",
            422,
            "没有保存 {table} 的规则：测试“{test}”没有通过。缺少的行：{missing}；多出的行：{unexpected}。",
            "The mapping of {table} was not saved: its test \"{test}\" failed. Missing: {missing}; unexpected: {unexpected}."),
    NO_SUCH_DEPARTMENT(
            "refine.no_such_department",
            400,
            "无法保存 {table} 的规则：没有编号为 {department} 的部门。",
            "Cannot save the mapping of {table}: there is no department {department}."),
    STILL_READ(
            "refine.still_read",
            409,
            "无法停用 {table} 的规则：{readers} 还由它生成。请先改动它们。",
            "Cannot retire the mapping of {table}: {readers} is made of it. Change that first."),
    WRONG_ORIGINS(
            "refine.wrong_origins",
            400,
            "无法保存 {table} 的规则：{origins} 不能作为它的取值来源，{reason}。写法见 docs/layers.md。",
            "Cannot save the mapping of {table}: {origins} cannot be where its values come from, {reason}. docs/layers.md says what is needed."),
    NO_KEY(
            "refine.no_key",
            409,
            "无法按主键查找：{table} 的规则没有写主键。请先在规则里写上 key。",
            "Cannot find a record by its key: the mapping of {table} names none. Write its key there first."),
    WRONG_KEY(
            "refine.wrong_key",
            400,
            "无法查找：请为 {table} 的每一列主键填一个值：{key}。",
            "Cannot find the record: give a value for each column of the key of {table}: {key}."),
    NO_SUCH_RECORD(
            "refine.no_such_record",
            404,
            "没有找到：{table} 中没有主键为此值的记录。请核对主键；它必须与登记的完全一致。",
            "Found nothing: {table} has no record with this key. Check the key; it must be exactly as it is registered."),
    NOT_YOURS_TO_READ(
            "refine.not_yours_to_read",
            403,
            "无法查看这条记录：{table} 由{department}负责，其他部门的人员需经共享申请。",
            "Cannot show this record: {department} answers for {table}; others have to apply for it."),
    RETIRED(
            "refine.retired",
            409,
            "无法运行 {table} 的规则：它已停用。重新保存即可启用。",
            "Cannot run the mapping of {table}: it is retired. Save it again to use it.");

    private final Problem.Wording wording;

    RefineProblem(String id, int status, String zh, String en) {
        wording = new Problem.Wording(id, status, zh, en);
    }

    @Override
    public Problem.Wording wording() {
        return wording;
    }
}
