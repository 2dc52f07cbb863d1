package org.qiantang.app.demo;

import java.util.List;

/** The source systems whose rows are made up; a city's folder says which of them it has, whose they are and what they are called. */
final class Systems {
    static final List<SourceSystem> GENERATED = List.of(
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
}
