export const zh = {
  signingKeys: {
    menu: '签名密钥',
    title: '签名密钥',
    intro: '平台用这些密钥签名。私钥由主密钥加密保存，任何人都看不到；这里只显示编号和时间。',
    failed: '没能读出签名密钥',
    actFailed: '没能更换',
    rings: { TOKENS: '访问令牌', PEERS: '平台互认' },
    text: {
      TOKENS: '业务系统凭这把密钥签的令牌调用服务。更换后新密钥立即签名；旧密钥再保留到它签的最后一个令牌到期（约 6 分钟）。业务系统无须改动。',
      PEERS: '发给对等平台的消息由这把密钥签名。更换时先公布下一把，24 小时后开始签名，旧密钥再保留 24 小时；其间对等平台自动得知新密钥。',
    },
    key: '密钥编号',
    state: '状态',
    states: { ANNOUNCED: '已公布，尚未签名', SIGNS: '正在签名', COUNTS: '不再签名，仍然有效' },
    from: '开始签名',
    until: '失效时间',
    open: '更换之后才确定',
    rotate: '更换',
    announcedAlready: '下一把已经公布，到时自动开始签名。',
    sure: {
      TOKENS: '立即用新密钥签发令牌？如果怀疑旧密钥泄露，更换后请等约 6 分钟，此后旧密钥签的令牌全部失效。',
      PEERS: '现在公布下一把密钥？它将在 24 小时后开始签名，期间不能撤回。如果怀疑密钥泄露，请同时通知对等平台暂停互认。',
    },
    confirm: '更换密钥',
    cancel: '取消',
    done: '已更换，审计记录已写入。',
  },
}

export const en: typeof zh = {
  signingKeys: {
    menu: 'Signing keys',
    title: 'Signing keys',
    intro: 'The platform signs with these keys. Their private halves are sealed by the master key and shown to nobody; here are only names and times.',
    failed: 'The signing keys could not be read',
    actFailed: 'The key could not be changed',
    rings: { TOKENS: 'Access tokens', PEERS: 'Peers' },
    text: {
      TOKENS: 'Systems call services with tokens that this key signs. A new key signs at once; the one before counts until its last token ends (about 6 minutes). Systems need not change anything.',
      PEERS: 'What goes to other installations is signed by this key. The next one is announced first, signs after 24 hours, and the one before counts for 24 hours more; peers hear of it by themselves meanwhile.',
    },
    key: 'Key',
    state: 'State',
    states: { ANNOUNCED: 'announced, signs nothing yet', SIGNS: 'signs', COUNTS: 'signs no more, still counts' },
    from: 'Signs from',
    until: 'Counts until',
    open: 'known once it is changed',
    rotate: 'Change',
    announcedAlready: 'The next one is announced and will sign by itself.',
    sure: {
      TOKENS: 'Sign tokens with a new key from now on? If the key may have leaked: about 6 minutes from now nothing that it signed counts any more.',
      PEERS: 'Announce the next key now? It signs in 24 hours and cannot be taken back. If the key may have leaked, ask the peers to suspend the exchange as well.',
    },
    confirm: 'Change the key',
    cancel: 'Cancel',
    done: 'Changed, and in the audit trail.',
  },
}
