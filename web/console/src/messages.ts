/** The words of the frame around every page. */
export const zh = {
  shell: {
    name: '钱塘',
    product: '城市公共数据平台',
    skip: '跳到正文',
    menu: '主菜单',
    account: '账号',
    signOut: '退出登录',
    language: 'English',
    languageHint: 'Switch to English',
    offline: '连不上平台，正在重试。页面上的数字是断开前的。',
    since: '（自 {time} 起）',
    stale: '下面的数据没能更新，仍是 {time} 的。',
    notFound: '没有这一页',
    notFoundText: '地址可能写错了，或这一页已不在。',
  },
}

export const en: typeof zh = {
  shell: {
    name: 'Qiantang',
    product: 'City public data platform',
    skip: 'Skip to content',
    menu: 'Main menu',
    account: 'Account',
    signOut: 'Sign out',
    language: '中文',
    languageHint: '切换到中文',
    offline: 'Cannot reach the platform; trying again. The figures are from before the line was lost.',
    since: 'Since {time}.',
    stale: 'This could not be refreshed; it is from {time}.',
    notFound: 'There is no such page',
    notFoundText: 'The address may be wrong, or the page is gone.',
  },
}
