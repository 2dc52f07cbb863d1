import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'sources',
  messages,
  roles: ['ENGINEER'],
  menu: { to: '/sources', icon: 'database', label: 'sources.menu', order: 2 },
  routes: [
    { path: '/sources', name: 'sources', component: () => import('./SourcesPage.vue'), meta: { title: 'sources.menu' } },
    { path: '/sources/new', name: 'source-new', component: () => import('./SourceFormPage.vue'), meta: { title: 'sources.add' } },
    { path: '/sources/:id/edit', name: 'source-edit', component: () => import('./SourceFormPage.vue'), meta: { title: 'sources.edit.title' } },
    { path: '/sources/:id', name: 'source', component: () => import('./SourcePage.vue'), meta: { title: 'sources.one' } },
    { path: '/sources/:id/rejects', name: 'source-rejects', component: () => import('./RejectsPage.vue'), meta: { title: 'sources.rejects.title' } },
  ],
} satisfies UiModule
