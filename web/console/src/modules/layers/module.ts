import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'layers',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST'],
  menu: { to: '/layers', icon: 'change', label: 'layers.menu', order: 4.2 },
  routes: [
    { path: '/layers', name: 'layers', component: () => import('./LayersPage.vue'), meta: { title: 'layers.menu' } },
    { path: '/layers/new', name: 'mapping-new', component: () => import('./EditorPage.vue'), meta: { title: 'layers.add', roles: ['ENGINEER'] } },
    { path: '/layers/:table', name: 'mapping', component: () => import('./MappingPage.vue'), meta: { title: 'layers.one' } },
    { path: '/layers/:table/record', name: 'golden-record', component: () => import('./RecordPage.vue'), meta: { title: 'layers.record.menu' } },
    { path: '/layers/:table/edit', name: 'mapping-edit', component: () => import('./EditorPage.vue'), meta: { title: 'layers.edit', roles: ['ENGINEER'] } },
  ],
} satisfies UiModule
