import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'services',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST', 'AUDITOR'],
  menu: { to: '/data-services', icon: 'stream', label: 'services.menu', order: 1.4 },
  routes: [
    { path: '/data-services', name: 'data-services', component: () => import('./ServicesPage.vue'), meta: { title: 'services.menu' } },
    { path: '/data-services/:name', name: 'data-service', component: () => import('./ServicePage.vue'), meta: { title: 'services.service' } },
  ],
} satisfies UiModule
