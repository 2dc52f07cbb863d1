package org.qiantang.app.demo;

import java.util.List;

/** All departments of the demo city and their source systems, in the order they are registered. */
final class Systems {
    static final List<DemoDepartment> DEPARTMENTS = List.of(
            new DemoDepartment("police", "公安局", "Public Security Bureau"),
            new DemoDepartment("civil_affairs", "民政局", "Civil Affairs Bureau"),
            new DemoDepartment("market", "市场监管局", "Market Supervision Bureau"),
            new DemoDepartment("social_security", "人社局", "Human Resources and Social Security Bureau"),
            new DemoDepartment("health", "卫健委", "Health Commission"),
            new DemoDepartment("medical_insurance", "医保局", "Medical Insurance Bureau"),
            new DemoDepartment("environment", "生态环境局", "Ecology and Environment Bureau"),
            new DemoDepartment("culture", "文旅局", "Culture and Tourism Bureau"),
            new DemoDepartment("housing", "住建局", "Housing and Construction Bureau"),
            new DemoDepartment("hotline", "12345热线中心", "12345 Hotline Centre"),
            new DemoDepartment("education", "教育局", "Education Bureau"),
            new DemoDepartment("transport", "交通局", "Transport Bureau"));

    static final List<SourceSystem> ALL = List.of(
            Police.system(),
            CivilAffairs.system(),
            Market.system(),
            SocialSecurity.system(),
            Health.system(),
            MedicalInsurance.system(),
            Environment.database(),
            Environment.folder(),
            Folders.culture(),
            Housing.system(),
            Hotline.system(),
            Folders.education(),
            Folders.transport());

    private Systems() {}

    static SourceSystem get(String name) {
        return ALL.stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("No source system " + name));
    }
}
