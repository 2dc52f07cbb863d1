import type { UiModule } from '../../module'

export default {
  name: 'alarms',
  messages: { zh: {}, en: {} },
  roles: ['ENGINEER', 'OFFICER'],
  menu: { to: '/alarms', icon: 'alert', label: 'catalogue.profile.alarmsTitle', order: 4.2 },
  routes: [{ path: '/alarms', name: 'alarms', component: () => import('../catalogue/AlarmsPage.vue'), meta: { title: 'catalogue.profile.alarmsTitle' } }],
} satisfies UiModule
