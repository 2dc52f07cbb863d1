package org.qiantang.catalog;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.qiantang.core.UnifiedSocialCreditCode;

/** What the guide and Order 809 ask of an entry before its department may submit it. */
final class EntryRules {
    private static final Pattern LAW = Pattern.compile("《[^》]{2,}》");
    private static final Pattern RESOURCE_CODE = Pattern.compile("[1-3]\\d{5,17}/\\d{1,9}");

    private EntryRules() {}

    /**
     * What an entry stands among.
     *
     * @param resourceCode the code it has already
     * @param level of the data it is about, null where nothing is collected
     * @param titleTaken another entry of the department has this title
     */
    record Surroundings(
            @Nullable String resourceCode, @Nullable Level level, boolean titleTaken) {}

    static List<Violation> check(Entry.Statement statement, Surroundings around) {
        List<Violation> found = new ArrayList<>();
        checkNames(statement, around, found);
        checkItems(statement.items(), found);
        checkSharing(statement, found);
        checkOpening(statement, around.level, found);
        if (statement.updateCycle() == null) {
            found.add(violation(
                    "update_cycle_missing", "updateCycle", "请选择更新周期", "Choose how often the data is updated"));
        }
        for (int i = 0; i < statement.relatedResourceCodes().size(); i++) {
            String code = statement.relatedResourceCodes().get(i);
            if (!RESOURCE_CODE.matcher(code).matches()) {
                found.add(violation(
                        "related_code_wrong",
                        "relatedResourceCodes[" + i + "]",
                        "“" + code + "”不是信息资源代码，应为“分类代码/顺序号”",
                        "\"" + code + "\" is no resource code: it is a classification, a slash and a number"));
            }
        }
        return List.copyOf(found);
    }

    private static void checkNames(Entry.Statement statement, Surroundings around, List<Violation> found) {
        Optional<ClassificationCode> classification = ClassificationCode.find(statement.classification());
        String code = around.resourceCode;
        if (statement.classification().isEmpty()) {
            found.add(violation(
                    "classification_missing", "classification", "请填写信息资源分类", "Say where it stands in the directory"));
        } else if (classification.isEmpty()) {
            found.add(
                    violation(
                            "classification_wrong",
                            "classification",
                            "分类代码应为：类 1 位（1 基础、2 主题、3 部门）、项 2 位、目 3 位、细目若干位数字",
                            "A classification is 1 digit (1 basic, 2 theme, 3 department), 2 digits, 3 digits and further digits as needed"));
        } else if (code != null && !code.startsWith(classification.get() + "/")) {
            found.add(violation(
                    "classification_fixed",
                    "classification",
                    "分类不能再改：已按它编发信息资源代码 " + code + "。确需改类的，请停用后另建目录项",
                    "The classification stays: the resource code " + code
                            + " was given by it. To move it, retire this entry and state a new one"));
        }
        if (statement.title().isEmpty()) {
            found.add(violation("title_missing", "title", "请填写信息资源名称", "Give the resource a name"));
        } else if (around.titleTaken) {
            found.add(violation(
                    "title_taken",
                    "title",
                    "本部门已有同名目录项，请改名以便区分",
                    "The department has an entry of this name already; name them apart"));
        }
        if (statement.summary().isEmpty()) {
            found.add(violation(
                    "summary_missing", "summary", "请用一两句话说明这是什么数据", "Say in a sentence or two what data this is"));
        }
        if (statement.format() == null) {
            found.add(violation("format_missing", "format", "请选择信息资源格式", "Choose the format"));
        }
        if (classification
                        .filter(each -> each.attribute() == Guide.Attribute.THEME)
                        .isPresent()
                && statement.theme() == null) {
            found.add(violation("theme_missing", "theme", "主题信息资源须选择主题", "A theme's resource needs its theme"));
        }
        String uscc = statement.providerUscc();
        // A code issued in the first years may fail the check and is in force.
        if (uscc != null
                && UnifiedSocialCreditCode.findFault(uscc)
                        .filter(fault -> fault != UnifiedSocialCreditCode.Fault.LEGACY_CHECK_CHARACTER)
                        .isPresent()) {
            found.add(violation(
                    "uscc_wrong",
                    "providerUscc",
                    "统一社会信用代码不正确：应为 18 位且校验位相符",
                    "Not a unified social credit code: it has 18 characters, the last of which must check"));
        }
    }

    private static void checkItems(List<Entry.Statement.Item> items, List<Violation> found) {
        if (items.isEmpty()) {
            found.add(violation("items_missing", "items", "请至少填写一个信息项", "State at least one item"));
        }
        Map<String, Integer> seen = new HashMap<>();
        for (int i = 0; i < items.size(); i++) {
            String name = items.get(i).name();
            Integer before = name.isEmpty() ? null : seen.putIfAbsent(name, i);
            if (name.isEmpty()) {
                found.add(violation(
                        "item_name_missing",
                        "items[" + i + "].name",
                        "第 " + (i + 1) + " 个信息项没有名称",
                        "Item " + (i + 1) + " has no name"));
            } else if (before != null) {
                found.add(violation(
                        "item_name_twice",
                        "items[" + i + "].name",
                        "信息项“" + name + "”与第 " + (before + 1) + " 个重名",
                        "Item \"" + name + "\" has the name of item " + (before + 1)));
            }
        }
    }

    private static void checkSharing(Entry.Statement statement, List<Violation> found) {
        Guide.ShareClass shareClass = statement.shareClass();
        String condition = statement.shareCondition();
        if (shareClass == null) {
            found.add(violation("share_class_missing", "shareClass", "请选择共享类型", "Choose who may share it"));
        } else if (shareClass == Guide.ShareClass.CONDITIONAL && condition == null) {
            found.add(violation(
                    "share_condition_missing",
                    "shareCondition",
                    "有条件共享须写明共享条件",
                    "Conditional sharing must state its condition"));
        } else if (shareClass == Guide.ShareClass.NOT_SHARED
                && (condition == null || !LAW.matcher(condition).find())) {
            found.add(violation(
                    "share_law_missing",
                    "shareCondition",
                    "不予共享须列明法律、行政法规或党中央、国务院政策依据，写明《文件名》和条款",
                    "Refusing to share must cite the law: its name in 《》 and the article"));
        }
        if (shareClass != null && shareClass != Guide.ShareClass.NOT_SHARED && statement.shareMode() == null) {
            found.add(violation("share_mode_missing", "shareMode", "请选择共享方式", "Choose how it is shared"));
        }
    }

    private static void checkOpening(Entry.Statement statement, @Nullable Level level, List<Violation> found) {
        Guide.OpenClass openClass = statement.openClass();
        if (openClass == null) {
            found.add(
                    violation("open_class_missing", "openClass", "请选择开放属性", "Choose whether it is open to the public"));
            return;
        }
        if (openClass == Guide.OpenClass.RESTRICTED && statement.openCondition() == null) {
            found.add(violation(
                    "open_condition_missing",
                    "openCondition",
                    "受限开放须写明开放条件",
                    "Restricted opening must state its condition"));
        }
        if (openClass == Guide.OpenClass.OPEN && statement.shareClass() == Guide.ShareClass.NOT_SHARED) {
            found.add(violation(
                    "open_but_not_shared",
                    "openClass",
                    "不予共享的数据不能无条件开放",
                    "What government may not share cannot be open to everybody"));
        }
        if (level == null) {
            return;
        }
        if (openClass == Guide.OpenClass.OPEN && level.isMasked()
                || openClass != Guide.OpenClass.FORBIDDEN && level == Level.L4) {
            found.add(violation(
                    "open_too_sensitive",
                    "openClass",
                    "数据级别为 " + level + "，不能这样开放：L3 至多受限开放，L4 禁止开放",
                    "Its level is " + level + ": L3 may be opened with restrictions at most, L4 not at all"));
        }
    }

    private static Violation violation(String code, String field, String zh, String en) {
        return new Violation("directory." + code, field, zh, en);
    }
}
