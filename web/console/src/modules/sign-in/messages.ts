export const zh = {
  signIn: {
    title: '登录',
    heading: '登录',
    username: '用户名',
    password: '密码',
    submit: '登录',
    ended: '登录已过期，请重新登录。登录后回到刚才的页面。',
    needUsername: '请输入用户名',
    needPassword: '请输入密码',
    code: '验证码',
    codeHint: '验证器上的六位数字；验证器不在手边时，用一个恢复码。',
    failed: '没能登录',
    trialTitle: '这是试用安装',
    trial: '账号有 engineer、analyst、officer、auditor，以及管理员 sysadmin、secadmin、auditadmin，密码在启动平台的终端窗口里，也存于安装目录的',
    forgot: '忘记密码请联系系统管理员。',
  },
}

export const en: typeof zh = {
  signIn: {
    title: 'Sign in',
    heading: 'Sign in',
    username: 'User name',
    password: 'Password',
    submit: 'Sign in',
    ended: 'Your session has ended. Sign in again; you will return to the page you were on.',
    needUsername: 'Enter your user name',
    needPassword: 'Enter your password',
    code: 'Code',
    codeHint: 'The six digits of your authenticator; without it, one of your recovery codes.',
    failed: 'Could not sign in',
    trialTitle: 'This is a trial installation',
    trial: 'The accounts are engineer, analyst, officer, auditor, and the administrators sysadmin, secadmin, auditadmin. Their passwords are in the terminal window that started the platform, and in the installation folder in',
    forgot: 'If you forgot your password, ask the system administrator.',
  },
}
