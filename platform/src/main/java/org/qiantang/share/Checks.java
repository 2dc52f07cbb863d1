package org.qiantang.share;

import java.time.LocalDate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.qiantang.catalog.Guide;
import org.qiantang.catalog.Violation;
import org.qiantang.org.Department;

/** What is missing in an application before anybody is bothered with it, and what makes it needless. */
public final class Checks {
    private static final int HIGHEST_LEVEL = 5;
    private static final int LONGEST_YEARS = 3;

    private final List<Violation> found = new ArrayList<>();

    private Checks() {}

    /**
     * What keeps it from being submitted, by the places where it is.
     *
     * @param own the department that asks; null where what is offered is another installation's
     */
    public static List<Violation> violations(
            Asked asked, @Nullable Department own, Map<UUID, Offered> offers, LocalDate today) {
        Checks checks = new Checks();
        checks.words(asked);
        checks.period(asked, today);
        if (asked.tables().isEmpty()) {
            checks.add("share.nothing_asked", "tables", "没有选择任何数据资源", "Nothing is asked for");
        }
        for (int i = 0; i < asked.tables().size(); i++) {
            Offered offer = offers.get(asked.tables().get(i).entry());
            if (own != null && offer != null && offer.provider().id().equals(own.id())) {
                checks.add(
                        "share.own_data",
                        "tables[" + i + "]",
                        "“" + offer.title() + "”由本部门提供，无需申请，请移除",
                        "Your own department provides " + offer.title() + "; remove it");
            }
            checks.table("tables[" + i + "]", asked.tables().get(i), offer);
        }
        return checks.found;
    }

    private void words(Asked asked) {
        required(asked.scenario(), "scenario", "请填写应用场景", "Say the scenario");
        required(asked.legalBasis(), "legalBasis", "请填写法律依据或职责依据", "Say the legal basis");
        required(asked.purpose(), "purpose", "请填写使用目的", "Say the purpose");
        required(asked.system(), "system", "请填写接收系统", "Say which system receives it");
        required(asked.contact(), "contact", "请填写联系人", "Say whom to ask");
        if (asked.systemLevel() < 1 || asked.systemLevel() > HIGHEST_LEVEL) {
            add(
                    "share.system_level",
                    "systemLevel",
                    "请选择接收系统的等级保护级别",
                    "Choose the security level of the receiving system");
        }
        if (!asked.undertaken()) {
            add("share.not_undertaken", "undertaken", "请作出保密承诺", "Undertake confidentiality");
        }
        if (asked.callsADay() < 1 || asked.rowsADay() < 1) {
            add("share.no_quota", "quota", "每日用量至少为 1", "A daily quota is at least 1");
        }
    }

    private void period(Asked asked, LocalDate today) {
        LocalDate from = asked.from();
        LocalDate to = asked.to();
        if (from == null || to == null || to.isBefore(from) || to.isBefore(today)) {
            add("share.period", "period", "请填写尚未结束的使用期限", "Say a period that is not over");
        } else if (to.isAfter(from.plusYears(LONGEST_YEARS))) {
            add(
                    "share.period_long",
                    "period",
                    "使用期限最长三年，到期可以续期",
                    "A period is three years at most, and can be renewed");
        }
    }

    private void table(String place, Asked.Table table, @Nullable Offered offer) {
        if (offer == null) {
            add("share.not_available", place, "该资源已停用或暂无数据，请移除", "This resource is retired or has no data; remove it");
            return;
        }
        if (offer.shareClass() == Guide.ShareClass.NOT_SHARED && table.despite() == null) {
            String basis = offer.shareCondition() == null ? "—" : offer.shareCondition();
            add(
                    "share.not_shared",
                    place + ".despite",
                    "“" + offer.title() + "”不予共享（依据：" + basis + "），确需使用请写明理由",
                    offer.title() + " is not shared (by: " + basis + "); say why it is needed all the same");
        }
        if (table.fields().isEmpty()) {
            add(
                    "share.no_fields",
                    place + ".fields",
                    "请选择“" + offer.title() + "”的字段",
                    "Choose fields of " + offer.title());
        }
        Map<String, Offered.Field> fields = new HashMap<>();
        offer.fields().forEach(field -> fields.put(field.name(), field));
        for (int i = 0; i < table.fields().size(); i++) {
            Asked.Field asked = table.fields().get(i);
            Offered.Field field = fields.get(asked.name());
            String at = place + ".fields[" + i + "]";
            if (field == null) {
                add("share.no_such_field", at, "没有字段 " + asked.name(), "There is no field " + asked.name());
            } else if (field.level().isMasked() && asked.reason() == null) {
                add(
                        "share.reason_missing",
                        at,
                        "“" + field.title() + "”为" + field.level() + "级，请写明为什么需要",
                        field.title() + " is of level " + field.level() + "; say why it is needed");
            }
        }
        for (int i = 0; i < table.rows().size(); i++) {
            String column = table.rows().get(i).column();
            if (!table.rows().get(i).isComplete()) {
                add(
                        "share.no_values",
                        place + ".rows[" + i + "]",
                        "请填写“" + column + "”的取值；“不小于”“小于”只填一个",
                        "Say the values of " + column + "; a limit takes one");
            }
            if (!fields.containsKey(column)) {
                add("share.no_such_field", place + ".rows[" + i + "]", "没有字段 " + column, "There is no field " + column);
            }
        }
    }

    private void required(String text, String field, String zh, String en) {
        if (text.isBlank()) {
            add("share.missing", field, zh, en);
        }
    }

    private void add(String code, String field, String zh, String en) {
        found.add(new Violation(code, field, zh, en));
    }

    /** What need not be asked for: fields the department reads already for the same scenario, and what is open to everybody. */
    static List<Violation> hints(Asked asked, Map<UUID, Offered> offers, List<Grant> inForce) {
        Checks checks = new Checks();
        for (int i = 0; i < asked.tables().size(); i++) {
            Asked.Table table = asked.tables().get(i);
            Offered offer = offers.get(table.entry());
            if (offer == null) {
                continue;
            }
            String place = "tables[" + i + "]";
            if (offer.openClass() == Guide.OpenClass.OPEN) {
                checks.add(
                        "share.open_anyway",
                        place,
                        "“" + offer.title() + "”已无条件开放，无需申请即可使用",
                        offer.title() + " is open data: it can be used without an application");
            }
            for (int j = 0; j < table.fields().size(); j++) {
                Asked.Field field = table.fields().get(j);
                for (Grant grant : inForce) {
                    if (grant.scenario().equals(asked.scenario()) && covers(grant, offer.lakeTable(), table, field)) {
                        checks.add(
                                "share.already_granted",
                                place + ".fields[" + j + "]",
                                "本部门已获授权：" + field.name() + "（" + grant.number() + "，同一场景）",
                                "You already have this: " + field.name() + " (" + grant.number() + ", same scenario)");
                        break;
                    }
                }
            }
        }
        return checks.found;
    }

    private static boolean covers(Grant grant, String lakeTable, Asked.Table asked, Asked.Field field) {
        return grant.tables().stream()
                .filter(table -> table.table().toString().equals(lakeTable))
                .anyMatch(table -> {
                    String shown = table.fields().get(field.name());
                    return shown != null
                            && (table.rows().isEmpty() || !asked.rows().isEmpty())
                            && Showing.of(field.showing()).isWithin(Showing.of(shown));
                });
    }
}
