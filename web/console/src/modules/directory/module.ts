import type { UiModule } from '../../module'
import * as messages from './messages'

export default {
  name: 'directory',
  messages,
  roles: ['ENGINEER', 'OFFICER', 'ANALYST', 'ZONE_MEMBER'],
  menu: { to: '/directory', icon: 'folder', label: 'directory.menu', order: 4.5 },
  routes: [
    { path: '/directory', name: 'directory', component: () => import('./DirectoryPage.vue'), meta: { title: 'directory.menu' } },
    { path: '/directory/sources', name: 'single-sources', component: () => import('./SourcesOfDataPage.vue'), meta: { title: 'directory.source.title', roles: ['ENGINEER', 'OFFICER', 'ANALYST'] } },
    { path: '/directory/:id', name: 'entry', component: () => import('./EntryPage.vue'), meta: { title: 'directory.one' } },
  ],
} satisfies UiModule
