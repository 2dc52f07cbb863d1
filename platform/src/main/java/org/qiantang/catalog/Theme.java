package org.qiantang.catalog;

/** What a table is about: the themes (主题信息资源) of the national guide to catalogues, the domain of the city's classification. */
public enum Theme {
    /** 公共服务. */
    PUBLIC_SERVICE,
    /** 健康保障. */
    HEALTH,
    /** 社会保障. */
    SOCIAL_SECURITY,
    /** 食品药品安全. */
    FOOD_AND_DRUG_SAFETY,
    /** 安全生产. */
    WORK_SAFETY,
    /** 价格监管. */
    PRICES,
    /** 能源安全. */
    ENERGY,
    /** 信用体系. */
    CREDIT,
    /** 城乡建设. */
    HOUSING_AND_CONSTRUCTION,
    /** 社区治理. */
    COMMUNITY,
    /** 生态环保. */
    ENVIRONMENT,
    /** 应急维稳. */
    EMERGENCY,
}
