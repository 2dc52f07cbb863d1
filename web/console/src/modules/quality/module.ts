import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'quality',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST', 'AUDITOR'],
  menu: { to: '/quality', icon: 'gauge', label: 'quality.menu', order: 4.8, also: ['/alarms'] },
  routes: [
    { path: '/quality', name: 'quality', component: () => import('./QualityPage.vue'), meta: { title: 'quality.menu' } },
    { path: '/quality/departments/:id', name: 'department-quality', component: () => import('./DepartmentPage.vue'), meta: { title: 'quality.department.title' } },
  ],
} satisfies UiModule
